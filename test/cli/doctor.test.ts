import { describe, expect, it } from 'vitest';
import { checkDatabase, checkWorkers } from '../../source/service/doctor.js';
import type { DatabaseFacts } from '../../source/store/inspection.js';

const COLUMNS = [
  ...['execution_id', 'event_id', 'catalog_id', 'parent_execution_id', 'created_at', 'event_type', 'node_id'],
  ...['node_name', 'node_type', 'status', 'context', 'result', 'meta', 'worker_id', 'error', 'prev_event_id'],
];
const table = (name: string, over = {}) => ({
  name,
  partitions: 0,
  columns: name === 'event' ? COLUMNS : [],
  canSelect: true,
  canInsert: true,
  ...over,
});
const facts = (over: Partial<DatabaseFacts> = {}): DatabaseFacts => ({
  server: {
    version: '16.2',
    clock: 1e12,
    localClock: 1e12,
    readOnly: false,
    inRecovery: false,
    encrypted: true,
    rights: [],
  },
  schema: { exists: true, usable: true },
  tables: [table('event'), table('catalog'), table('runtime')],
  eventIndexes: [
    ['execution_id', 'event_id'],
    ['execution_id', 'event_type', 'event_id'],
    ['event_type'],
    ['created_at'],
    ['parent_execution_id'],
  ],
  ...over,
});
const findings = (over: Partial<DatabaseFacts>) =>
  checkDatabase(facts(over), 'noetl', 'op')
    .filter((check) => check.level !== 'ok')
    .map((check) => `${check.level}: ${check.finding} → ${check.remedy}`);

describe('doctor', () => {
  it('finds nothing where nothing is wrong', () => expect(findings({})).toEqual([]));

  it.each<[string, Partial<DatabaseFacts>, RegExp]>([
    ['a standby', { server: { ...facts().server, inRecovery: true } }, /^warning: .*standby.*→ connect to the primary/],
    ['a read-only database', { server: { ...facts().server, readOnly: true } }, /^warning: .*read-only/],
    ['a clock that is ahead', { server: { ...facts().server, localClock: 1e12 + 60_000 } }, /1m ahead of the database/],
    ['a clock that is behind', { server: { ...facts().server, localClock: 1e12 - 60_000 } }, /1m behind the database/],
    [
      'no schema',
      { schema: { exists: false, usable: false }, tables: [] },
      /^problem: schema noetl does not exist.*NOETL_SCHEMA/,
    ],
    ['no event table', { tables: [table('catalog')] }, /^problem: schema noetl has no table event/],
    [
      'another event table',
      { tables: [table('event', { columns: ['id'] }), table('catalog')] },
      /^problem: .*lacks execution_id/,
    ],
    ['no catalog', { tables: [table('event')] }, /^warning: .*no table catalog/],
    ['no USAGE', { schema: { exists: true, usable: false } }, /^problem: .*GRANT USAGE ON SCHEMA "noetl" TO "op"/],
    [
      'no SELECT',
      { tables: [table('event', { canSelect: false }), table('catalog')] },
      /^problem: .*GRANT SELECT ON "noetl"\.event TO "op"/,
    ],
    [
      'no INSERT',
      { tables: [table('event', { canInsert: false }), table('catalog')] },
      /^warning: .*GRANT INSERT ON "noetl"\.event TO "op"/,
    ],
    [
      'missing indexes',
      { eventIndexes: [['execution_id', 'event_id']] },
      /^warning: .*\(execution_id, event_type\), \(event_type\)/,
    ],
  ])('finds %s', (_, over, expected) => {
    const found = findings(over);
    expect(
      found.some((line) => expected.test(line)),
      found.join('\n'),
    ).toBe(true);
  });

  it('an older install without prev_event_id is well', () => {
    const tables = [table('event', { columns: COLUMNS.slice(0, -1) }), table('catalog')];
    expect(findings({ tables })).toEqual([]);
  });

  it('judges workers by their heartbeats', () => {
    const worker = (name: string, ago: number | null, kind = 'worker_pool') => ({
      name,
      kind,
      status: 'ready',
      heartbeatAt: ago === null ? null : 1e12 - ago,
      createdAt: null,
    });
    expect(checkWorkers(null, 1e12)).toMatchObject({ level: 'warning', finding: expect.stringMatching(/unknown/) });
    expect(checkWorkers([worker('api', 0, 'server_api')], 1e12).finding).toMatch(/unknown/);
    expect(checkWorkers([worker('a', 1000), worker('b', 89_000)], 1e12)).toMatchObject({ level: 'ok' });
    expect(checkWorkers([worker('a', 1000), worker('b', 90_000), worker('c', null)], 1e12)).toMatchObject({
      level: 'warning',
      finding: expect.stringMatching(/^1 of 3/),
    });
  });
});
