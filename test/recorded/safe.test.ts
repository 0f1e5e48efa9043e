import { describe, expect, it } from 'vitest';
import { createDiagnoseService } from '../../source/service/diagnose/diagnose.js';
import type { EventStore } from '../../source/store/event-store.js';
import type { TestDatabase } from '../helpers/database.js';
import { at, loadRecordingAt, type Recording, readRecording } from '../helpers/recorded.js';
import { withStore } from '../helpers/with-store.js';

let db: TestDatabase;
let store: EventStore;
withStore((opened) => {
  ({ db, store } = opened);
});

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** What the rules say of every execution that is silent for longer, at a moment. */
async function judgeAt(recording: Recording, moment: number, olderThanMs: number) {
  await loadRecordingAt(db.pool, recording, moment);
  const { stale } = await createDiagnoseService(store).diagnoseStale({ olderThanMs });
  return new Map(stale.map(({ execution, diagnosis }) => [execution.executionId, diagnosis]));
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
