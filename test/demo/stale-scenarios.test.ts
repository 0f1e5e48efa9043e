import { afterAll, beforeAll, expect, test } from 'vitest';
import { tellHistory } from '../../source/demo/engine/history.js';
import { seedDatabase } from '../../source/demo/seed-database.js';
import { SAFE_CODES, STALE_CODES } from '../../source/domain/staleness-types.js';
import { createDiagnoseService } from '../../source/service/diagnose.js';
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
  await database.pool.query('TRUNCATE noetl.event, noetl.catalog, noetl.runtime, noetl.execution CASCADE');
  const client = await database.pool.connect();
  await seedDatabase(client, database.schema, tellHistory(seed, Date.now()));
  client.release();
  const report = await createDiagnoseService(store).diagnoseStale({ olderThanMs: TEN_MINUTES });
  expect(report.byCode.map(({ code }) => code)).toEqual(STALE_CODES);
  expect(report.stale.length).toBeGreaterThan(24);
  expect(report.byCode.filter(({ safe }) => safe).map(({ code }) => code)).toEqual([...SAFE_CODES]);
  const imported = report.stale.filter(({ diagnosis }) => diagnosis.code === 'imported');
  expect(new Set(imported.map(({ diagnosis }) => diagnosis.evidence.cohort)).size).toBe(1);
});
