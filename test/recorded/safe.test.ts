import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { terminalStatusOf } from '../../source/domain/execution-status.js';
import { createDiagnoseService } from '../../source/service/diagnose/diagnose.js';
import type { EventStore } from '../../source/store/event-store.js';
import { createTestDatabase, type TestDatabase } from '../helpers/database.js';
import { at, loadRecordingAt, type Recording, readRecording } from '../helpers/recorded.js';
import { openStore } from '../helpers/store.js';

let db: TestDatabase;
let store: EventStore;
beforeAll(async () => {
  db = await createTestDatabase();
  store = openStore(db.url);
});
afterAll(async () => {
  await store?.close();
  await db?.close();
});

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** What the rules say of every execution that is silent for longer, at a moment. */
async function judgeAt(recording: Recording, moment: number, olderThanMs: number) {
  await loadRecordingAt(db.pool, recording, moment);
  return judge(olderThanMs);
}

async function judge(olderThanMs: number) {
  const { stale } = await createDiagnoseService(store).diagnoseStale({ olderThanMs });
  return new Map(stale.map(({ execution, diagnosis }) => [execution.executionId, diagnosis]));
}

/** Whether an execution went on of its own accord after a moment: any row that an engine or a worker wrote then. */
const wentOn = ({ rows }: Recording, id: string, moment: number): boolean =>
  rows.some((row) => row.execution_id === id && row.created_at > moment && row.node_name !== 'cancel');

/** Distinct moments just after each row, at most so many, evenly taken. */
function cuts({ rows }: Recording, most: number): number[] {
  const moments = [...new Set(rows.map((row) => row.created_at + 1))].sort((a, b) => a - b);
  const every = Math.max(1, Math.ceil(moments.length / most));
  return moments.filter((_, index) => index % every === 0);
}

const OUTAGE = ['767254367454888207', '767254374778143047', '767254439043269036'];

describe('the outage of the only worker (Python)', () => {
  const recording = readRecording('python');

  it.each(['14:38:40', '14:39:30', '14:41:00', '14:43:00', '14:45:00', '14:46:20'])(
    'at %s all three wait for recovery, and none is safe',
    async (clock) => {
      const found = await judgeAt(recording, at(`${clock}.000000`), MINUTE);
      expect(OUTAGE.map((id) => found.get(id)?.code)).toEqual(OUTAGE.map(() => 'recovering'));
      expect(OUTAGE.map((id) => found.get(id)?.safe)).toEqual([false, false, false]);
    },
  );

  it('an outage of hours changes nothing while the lease beats', async () => {
    const longer = { ...recording, rows: recording.rows.filter((row) => row.created_at < at('14:46:00.000000')) };
    const still = {
      ...longer,
      runtime: longer.runtime
        .filter((row) => row.registeredAt < at('14:46:00.000000'))
        .map((row) => (row.name.endsWith(':command_reaper') ? { ...row, heartbeatAt: at('23:00:00.000000') } : row)),
    };
    const found = await judgeAt(still, at('18:00:00.000000'), 10 * MINUTE);
    expect(OUTAGE.map((id) => found.get(id)?.code)).toEqual(OUTAGE.map(() => 'recovering'));
  });
});

describe('what goes on later is never called safe', () => {
  it.each(['python', 'rust'] as const)(
    '%s, cut between its rows and in its silences, at thresholds from 10 s',
    async (name) => {
      const recording = readRecording(name);
      const ids = [...new Set(recording.rows.map((row) => row.execution_id))];
      const silences = Array.from({ length: 14 }, (_, index) => at('14:26:30.000000') + index * 90 * SECOND);
      const harmed: string[] = [];
      let judged = 0;
      for (const moment of [...cuts(recording, 12), ...silences]) {
        await loadRecordingAt(db.pool, recording, moment);
        for (const olderThanMs of [10 * SECOND, 5 * MINUTE]) {
          const found = await judge(olderThanMs);
          judged += found.size;
          for (const id of ids) {
            const diagnosis = found.get(id);
            // The server ended these two as failed: it agrees that they were lost.
            if (ORPHANS_SWEPT.includes(id)) continue;
            if (diagnosis?.safe && wentOn(recording, id, moment)) {
              harmed.push(`${id} at ${new Date(moment).toISOString()}: ${diagnosis.code}`);
            }
          }
        }
      }
      expect(judged).toBeGreaterThan(10);
      expect(harmed).toEqual([]);
    },
    240_000,
  );
});

const ORPHANS_SWEPT = ['383624836613476352', '383624837985013760'];

describe('what never goes on is found (Rust)', () => {
  const recording = readRecording('rust');

  it.each([
    ['383624203726557184', 'never-claimed'],
    ['383624876090265600', 'never-claimed'],
    ['383624832599527424', 'never-claimed'],
    ['383624475429376000', 'failed-step'],
  ])('%s is %s after the grace', async (id, code) => {
    const found = await judgeAt(recording, at('14:28:17.879000') + HOUR, 10 * MINUTE);
    expect(found.get(id)).toMatchObject({ code, safe: true });
  });

  it('the failed step is told with its text, and finalizing before the hour is over', async () => {
    const later = await judgeAt(recording, at('14:28:17.879000') + HOUR, 10 * MINUTE);
    expect(later.get('383624475429376000')?.evidence.sentence).toMatch(
      /^failed step, no end written: `start` failed 1h 1m ago .*\(ValueError\('boom'\)\)$/,
    );
    const sooner = await judgeAt(recording, at('14:46:00.000000'), 10 * MINUTE);
    expect(sooner.get('383624475429376000')).toMatchObject({ code: 'finalizing', safe: false });
  });

  it('the two whose worker was killed are worker-lost until the server ends them', async () => {
    const found = await judgeAt(recording, at('14:45:00.000000'), 10 * MINUTE);
    expect(ORPHANS_SWEPT.map((id) => found.get(id)?.code)).toEqual(['worker-lost', 'worker-lost']);
  });
});

describe('statuses and last events at every cut', () => {
  it.each(['python', 'rust'] as const)(
    '%s',
    async (name) => {
      const recording = readRecording(name);
      for (const moment of cuts(recording, 15)) {
        const shift = await loadRecordingAt(db.pool, recording, moment);
        const past = recording.rows.filter((row) => row.created_at <= moment);
        const { executions } = await store.executionsById([...new Set(past.map((row) => row.execution_id))]);
        for (const { executionId, status, lastEvent } of executions) {
          const own = past.filter((row) => row.execution_id === executionId);
          const ends = new Set(own.map((row) => terminalStatusOf(row.event_type)));
          const expected = (['COMPLETED', 'FAILED', 'CANCELLED'] as const).find((end) => ends.has(end)) ?? 'RUNNING';
          expect([executionId, status]).toEqual([executionId, expected]);
          const meaningful = own.filter((row) => !row.event_type.startsWith('batch.'));
          const newest = (meaningful.length > 0 ? meaningful : own).reduce((a, b) =>
            BigInt(a.event_id) > BigInt(b.event_id) ? a : b,
          );
          expect([lastEvent.eventId, lastEvent.type]).toEqual([newest.event_id, newest.event_type]);
          expect(Math.abs(lastEvent.at - shift - newest.created_at)).toBeLessThan(2);
        }
      }
    },
    120_000,
  );
});
