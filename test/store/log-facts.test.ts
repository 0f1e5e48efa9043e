import { expect, it } from 'vitest';
import { readLogFacts } from '../../source/store/inspection.js';
import { createTestDatabase, nextIdAt, writeEvents } from '../helpers/database.js';
import { settingsOf } from '../helpers/store.js';

it('reads how late the newest rows came, and where two name one predecessor', async () => {
  const db = await createTestDatabase({ timezone: 'America/New_York' });
  const settings = settingsOf(db.url);
  expect(await readLogFacts(settings)).toEqual({ rows: 0, medianLagMs: null, chain: { unchained: 0, forks: 0 } });
  const at = Date.now() - 60_000;
  const id = nextIdAt(at, 'rust');
  const row = (over: object) => ({
    execution_id: id,
    event_type: 'step.enter',
    created_at: at,
    ingest_time: at + 4000,
    layout: 'rust' as const,
    ...over,
  });
  const [start] = await writeEvents(db.pool, [row({ event_type: 'playbook_started' })]);
  await writeEvents(db.pool, [row({ prev_event_id: start })]);
  await writeEvents(db.pool, [row({ prev_event_id: start })]);
  const facts = await readLogFacts(settings);
  expect(facts).toMatchObject({ rows: 3, chain: { unchained: 0, forks: 1 } });
  expect(facts.medianLagMs).toBeCloseTo(4000, -1);
  await db.close();
});

it('works on an install without prev_event_id', async () => {
  const db = await createTestDatabase({ withoutPrevEventId: true });
  expect((await readLogFacts(settingsOf(db.url))).chain).toBeNull();
  await db.close();
});
