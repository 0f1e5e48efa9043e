import { expect, it } from 'vitest';
import type { RuntimeRow } from '../../../source/domain/staleness/stale-facts.js';
import { holderLiveness } from '../../../source/domain/worker-liveness.js';

const NOW = 10_000_000;
const row = (name: string, further: Partial<RuntimeRow> = {}): RuntimeRow => ({
  name,
  kind: 'worker_pool',
  status: 'ready',
  heartbeatAt: NOW - 10_000,
  createdAt: null,
  ...further,
});

it.each<[string, RuntimeRow[] | null, string | null, number | null, boolean | null]>([
  ['beats', [row('w')], 'w', null, true],
  ['has been silent for 90 s', [row('w', { heartbeatAt: NOW - 90_000 })], 'w', null, false],
  ['is offline', [row('w', { status: 'Offline' })], 'w', null, false],
  ['has no row while others have', [row('other')], 'w', null, false],
  ['has no heartbeat', [row('w', { heartbeatAt: null })], 'w', null, null],
  ['is not named', [row('w')], null, null, null],
  ['meets an empty noetl.runtime', [], 'w', null, null],
  ['meets servers only', [row('srv1:command_reaper', { kind: 'server_api' })], 'w', null, null],
  ['cannot be looked up', null, 'w', null, null],
  ['is not registered and has just begun something', [row('other')], 'w', NOW - 1000, null],
  ['is not registered and began something long ago', [row('other')], 'w', NOW - 90_000, false],
])('a holder that %s', (_, rows, workerId, begunAt, alive) => {
  expect(holderLiveness(rows, NOW, 90_000)(workerId, begunAt)).toBe(alive);
});
