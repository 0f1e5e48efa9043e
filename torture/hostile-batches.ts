import type { Random } from '../source/demo/engine/random.js';
import { STOP_PHASES, type StopState } from '../source/domain/stopping/stopping.js';
import type { CancelReport } from '../source/service/cancel/cancel.js';
import type { BatchLogService, LoggedBatch } from '../source/service/report/batch-list.js';
import { NOW } from '../test/ui/helpers/executions.js';
import { cancelled, type FakeServices } from '../test/ui/helpers/fake-services.js';
import { hostileText } from './hostile-text.js';

const BATCHES = 12;

/** Batches of other operators whose names, reasons, ids and sources try to take over the terminal. */
export function hostileBatches(random: Random, fake: FakeServices): BatchLogService {
  const text = () => hostileText(random);
  const ids = [...fake.feed.rows.keys()].slice(0, 8);
  const logged = Array.from(
    { length: BATCHES },
    (_, index): LoggedBatch => ({
      batchId: `${index} ${text()}`,
      cancelledBy: random.pick([null, text()]),
      reason: random.pick([null, text()]),
      source: text(),
      cascade: true,
      executions: ids.length,
      requested: 1,
      firstAt: NOW - index * 1000,
      lastAt: NOW,
      isPartial: random.next() < 0.5,
      members: ids.map((executionId, at) => ({ executionId, eventId: String(at + 1), at: NOW })),
    }),
  );
  const states = (): StopState[] =>
    ids.map((executionId) => ({
      executionId,
      phase: random.pick(STOP_PHASES),
      draining: random.whole(0, 3),
      violation: null,
      holding: [{ commandKey: text(), node: text(), workerId: text(), since: NOW, workerAlive: false }],
    }));
  const reportOf = (batch: LoggedBatch): CancelReport => {
    const plan = fake.planOf(ids.slice(0, 1), true);
    return {
      request: {
        reason: batch.reason,
        cancelledBy: batch.cancelledBy ?? 'unknown',
        cascade: true,
        batchId: batch.batchId,
        source: batch.source ?? 'unknown',
      },
      plan,
      outcomes: plan.targets.map(cancelled),
      startedAt: batch.firstAt,
      finishedAt: batch.lastAt,
      interrupted: false,
      sweepProblem: random.pick([null, text()]),
    };
  };
  return {
    read: async () => ({ batches: logged, next: null, loose: 2 }),
    standing: async () => ({
      phases: { requested: 1, draining: 2, 'still-emitting': 1, stopped: 3, abandoned: 1 },
      looked: ids.length,
      isSettled: false,
    }),
    since: async () => ({ batches: logged, isPartial: false }),
    open: async (batchId) => {
      const batch = logged.find((each) => each.batchId === batchId);
      return batch ? { report: reportOf(batch), follow: { states: states(), asOf: NOW, allSettled: true } } : null;
    },
  };
}
