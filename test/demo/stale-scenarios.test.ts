import { afterAll, beforeAll, expect, test } from 'vitest';
import { tellHistory } from '../../source/demo/engine/history.js';
import { STUCK_CODES } from '../../source/demo/engine/scenarios.js';
import { seedDatabase } from '../../source/demo/seed-database.js';
import { SAFE_CODES, STALE_CODES } from '../../source/domain/staleness/staleness-types.js';
import { createDiagnoseService } from '../../source/service/diagnose/diagnose.js';
import type { EventStore } from '../../source/store/event-store.js';
import { createTestDatabase, type TestDatabase } from '../helpers/database.js';
import { openStore } from '../helpers/store.js';

const TEN_MINUTES = 600_000;
let database: TestDatabase;
let store: EventStore;
beforeAll(async () => {
  database = await createTestDatabase();
  store = openStore(database.url);
});
afterAll(async () => {
  await store.close();
  await database.close();
});

test.each([1, 7])('with seed %i every staleness code occurs when the demo opens, and some are safe', async (seed) => {
  await database.pool.query(
    'TRUNCATE noetl.event, noetl.catalog, noetl.runtime, noetl.execution, noetl.command CASCADE',
  );
  const client = await database.pool.connect();
  const history = tellHistory(seed, Date.now());
  await seedDatabase(client, database.schema, history);
  client.release();
  const report = await createDiagnoseService(store).diagnoseStale({ olderThanMs: TEN_MINUTES });
  const known: readonly string[] = STALE_CODES;
  // A long queue is the one thing that a calm demo does not show.
  expect(report.byCode.map(({ code }) => code)).toEqual(known.filter((code) => code !== 'queued'));
  const codeOf = new Map<string, string>(
    report.stale.map(({ execution, diagnosis }) => [execution.executionId, diagnosis.code]),
  );
  for (const [index, expected] of STUCK_CODES.entries()) {
    if (!known.includes(expected)) continue;
    const ids = [...(history.live[index]?.runs.keys() ?? [])];
    expect({ index, codes: ids.map((id) => codeOf.get(id) ?? 'running') }).toEqual({
      index,
      codes: expect.arrayContaining([expected]),
    });
  }
  expect(report.stale.length).toBeGreaterThan(24);
  expect(report.byCode.filter(({ safe }) => safe).map(({ code }) => code)).toEqual([...SAFE_CODES]);
  const imported = report.stale.filter(({ diagnosis }) => diagnosis.code === 'imported');
  expect(new Set(imported.map(({ diagnosis }) => diagnosis.evidence.cohort)).size).toBe(1);
});
