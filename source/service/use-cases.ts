import type { CancelWriter } from '../store/cancellations/cancel-writer.js';
import type { EventStore } from '../store/event-store.js';
import { type CancelService, createCancelService } from './cancel/cancel.js';
import { type CleanupService, createCleanupService } from './cleanup/cleanup.js';
import { type ConditionsService, createConditionsService } from './conditions.js';
import { createDescribeService, type DescribeService } from './describe.js';
import { createDiagnoseService, type DiagnoseService } from './diagnose/diagnose.js';
import { judgedDiagnoses } from './diagnose/judged-diagnoses.js';
import { createFollowService, type FollowService } from './follow/follow.js';
import type { LiveFeedOptions } from './live-feed/feed-options.js';
import { createLiveFeed, type LiveFeed } from './live-feed/live-feed.js';
import { type BatchLogService, createBatchLog } from './report/batch-list.js';
import { createRunawayService, type RunawayService } from './runaway.js';

/** The use cases on one store, as every front end is given them. */
export interface Services {
  readonly store: EventStore;
  readonly cancel: CancelService;
  readonly follow: FollowService;
  readonly runaway: RunawayService;
  readonly conditions: ConditionsService;
  /** Calls nothing safe while a condition of the engine holds. */
  readonly diagnose: DiagnoseService;
  readonly cleanup: CleanupService;
  readonly describe: DescribeService;
  /** The batches of the log, of any operator and any time. */
  readonly batchLog: BatchLogService;
  /** A feed that has not started; it diagnoses what is stale. */
  liveFeed(options: Omit<LiveFeedOptions, 'diagnose'>): LiveFeed;
}

/**
 * Builds all use cases on a store: the one place that knows which of them rests on which. Reads nothing. Cancels are
 * written by `writer`, to the table where it is absent.
 */
export function createServices(store: EventStore, writer?: CancelWriter): Services {
  const cancel = createCancelService(store, { writer });
  const conditions = createConditionsService(store);
  const recorded = createDiagnoseService(store);
  const diagnose = judgedDiagnoses(store, recorded, conditions);
  const follow = createFollowService(store);
  const runaway = createRunawayService(store);
  return {
    store,
    cancel,
    follow,
    runaway,
    conditions,
    diagnose,
    cleanup: createCleanupService(store, { diagnose: recorded, cancel, conditions }),
    describe: createDescribeService({ store, diagnose, follow, runaway }),
    batchLog: createBatchLog(store, follow),
    liveFeed: (options) =>
      createLiveFeed(store, {
        ...options,
        diagnose: (ids, known) => diagnose.diagnoseMany(ids, { ...known, polling: true }),
      }),
  };
}
