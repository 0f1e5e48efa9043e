import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRunawayService } from '../../../source/service/runaway.js';
import type { EventStore } from '../../../source/store/event-store.js';
import { createTestDatabase, type EventRow, nextIdAt, type TestDatabase, writeEvents } from '../../helpers/database.js';
import { openStore } from '../../helpers/store.js';

const MINUTE = 60_000;
let db: TestDatabase;
let store: EventStore;
const ids = { wide: '', healthy: '', silent: '', noCatalog: '' };

async function run(path: string, issues: number, startedAt: number, lastAt: number, end?: string): Promise<string> {
  const execution_id = nextIdAt(startedAt);
  const rows: EventRow[] = [
    { execution_id, path, event_type: 'playbook.initialized', node_name: path, created_at: startedAt },
    ...Array.from({ length: issues }, () => ({
      execution_id,
      path,
      event_type: 'command.issued',
      node_name: 'each',
      created_at: lastAt,
    })),
    ...(end ? [{ execution_id, path, event_type: end, node_name: path, created_at: lastAt }] : []),
  ];
  await writeEvents(db.pool, rows);
  return execution_id;
}

beforeAll(async () => {
  db = await createTestDatabase();
  store = openStore(db.url);
  const now = Date.now();
  for (let past = 1; past <= 20; past += 1) {
    const at = now - past * 60 * MINUTE;
    await run('etl/wide', 5, at, at + past * 1000, past % 2 ? 'playbook.completed' : 'playbook.failed');
  }
  ids.wide = await run('etl/wide', 60, now - 5 * MINUTE, now);
  ids.healthy = await run('etl/wide', 4, now - MINUTE, now);
  ids.silent = await run('etl/wide', 600, now - 90 * MINUTE, now - 30 * MINUTE);
  ids.noCatalog = await run('etl/lost', 70, now - MINUTE, now);
  await db.pool.query('ALTER TABLE noetl.event DROP CONSTRAINT event_catalog_id_fkey');
  await db.pool.query(`DELETE FROM noetl.catalog WHERE path = 'etl/lost'`);
});
afterAll(async () => {
  await store?.close();
  await db?.close();
});

describe('finding runaways', () => {
  it('judges running, not silent executions by their playbook, and those without a catalog row by the floor', async () => {
    const { found, examined, byCode } = await createRunawayService(store).find();
    expect(examined).toBe(3);
    expect([...byCode]).toEqual([['repeating', 2]]);
    const sentences = new Map(
      found.map(({ execution, runaway }) => [execution.executionId, runaway.evidence.sentence]),
    );
    expect(sentences.get(ids.wide)).toMatch(/^`each` issued 60 times in .*; at most 5 in its last 20 runs$/);
    expect(sentences.get(ids.noCatalog)).toMatch(/no baseline$/);
    expect(found.every(({ runaway }) => runaway.rate !== null)).toBe(true);
  });

  it('reads a baseline once a session and path', async () => {
    let reads = 0;
    const counting: EventStore = {
      ...store,
      runsOfPaths: (...given) => {
        reads += 1;
        return store.runsOfPaths(...given);
      },
    };
    const service = createRunawayService(counting);
    await service.find();
    await service.find();
    await service.usualRunTime('etl/wide');
    expect(reads).toBe(1);
  });

  it('takes what is active from the caller, and asks only about what is wanted', async () => {
    const active = await store.activeExecutions();
    const never = { ...store, activeExecutions: () => Promise.reject(new Error('asked again')) };
    const report = await createRunawayService(never).find({
      active,
      wanted: ({ executionId }) => executionId === ids.healthy,
    });
    expect([report.examined, report.found]).toEqual([1, []]);
  });
});

describe('the usual run time of a playbook', () => {
  it('is the median and the 95th percentile of runs that completed or failed', async () => {
    const service = createRunawayService(store);
    expect(await service.usualRunTime('etl/wide')).toMatchObject({ runs: 20, medianMs: 10_000, p95Ms: 19_000 });
    expect(await service.usualRunTime('etl/unknown')).toBeNull();
  });
});
