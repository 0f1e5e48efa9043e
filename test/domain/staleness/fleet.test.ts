import { describe, expect, it } from 'vitest';
import { fleetOf } from '../../../source/domain/staleness/recovery.js';
import { DEFAULT_THRESHOLDS, heartbeatsOf, type RuntimeRow } from '../../../source/domain/staleness/stale-facts.js';
import { livenessOf } from '../../../source/domain/worker-liveness.js';

const NOW = 1_000_000_000;
const MINUTE = 60_000;
const worker = (name: string, from: number, until: number, status = 'ready'): RuntimeRow => ({
  name,
  kind: 'worker_pool',
  status,
  createdAt: NOW - from,
  heartbeatAt: NOW - until,
});
const lease = (until: number, status = 'ready'): RuntimeRow => ({
  name: 'srv1:command_reaper',
  kind: 'server_api',
  status,
  createdAt: NOW - 99 * MINUTE,
  heartbeatAt: NOW - until,
});
const fleet = (...rows: RuntimeRow[]) => fleetOf(rows, NOW, DEFAULT_THRESHOLDS);

describe('the fleet by noetl.runtime', () => {
  it('is unknown without a worker and without a lease', () => {
    expect(fleetOf(null, NOW, DEFAULT_THRESHOLDS)).toBeNull();
    expect(fleet()).toBeNull();
    expect(fleet({ ...lease(0), name: 'srv1:auto_resume' })).toBeNull();
    expect(fleet(lease(1000))).toMatchObject({ reaperAt: NOW - 1000, workersSince: null });
  });

  it('has a lease while it beats and is not offline', () => {
    expect(fleet(lease(179_999))?.reaperAt).toBe(NOW - 179_999);
    expect([
      fleet(lease(180_000), worker('w', 9, 9))?.reaperAt,
      fleet(lease(0, 'offline'), worker('w', 9, 9))?.reaperAt,
    ]).toEqual([null, null]);
  });

  it('came back when a stretch with a worker began: after an outage, not at each restart', () => {
    const before = worker('old', 60 * MINUTE, 12 * MINUTE, 'offline');
    expect(fleet(before, worker('new', 3 * MINUTE, 1000))?.workersSince).toBe(NOW - 3 * MINUTE);
    const restarts = Array.from({ length: 10 }, (_, index) =>
      worker(`pod-${index}`, (index + 1) * 5 * MINUTE, index * 5 * MINUTE, index === 0 ? 'ready' : 'offline'),
    );
    expect(fleet(...restarts)?.workersSince).toBe(NOW - 50 * MINUTE);
    expect(fleet(before)?.workersSince).toBeNull();
  });
});

it('a worker marked offline is lost, however fresh its heartbeat, until a row of its name is not', () => {
  const of = (...rows: RuntimeRow[]) => livenessOf('w', heartbeatsOf(rows), NOW, 90_000).kind;
  expect(of(worker('w', MINUTE, 1000, 'OFFLINE'))).toBe('lost');
  expect(of(worker('w', MINUTE, 5000, 'offline'), worker('w', MINUTE, 1000))).toBe('alive');
});
