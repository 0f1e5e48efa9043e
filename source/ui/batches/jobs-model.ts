import { createStore, type StoreApi } from 'zustand/vanilla';
import type { CancelPlan, CancelRequest } from '../../domain/cancellation.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import type { CancelReport, CancelRunOptions } from '../../service/cancel/cancel.js';
import type { Services } from '../../service/use-cases.js';
import type { BatchSummary } from '../shell/console-options.js';
import { errorText } from '../shell/error-text.js';
import { JobPaths } from './job-paths.js';
import { cancelledIn, isBusy, type Job, type JobAction, jobReducer, newJob, tally } from './job-state.js';

/** How long a batch is watched before the follow-up gives up; a key takes it up again. */
const FOLLOW_MS = 30 * 60_000;

export interface JobsState {
  /** Oldest first. */
  readonly jobs: readonly Job[];
}

/** Batches of this session: they run on whatever screen is shown. */
export class JobsModel {
  readonly store: StoreApi<JobsState> = createStore<JobsState>(() => ({ jobs: [] }));
  readonly #writers = new Map<string, { abort: AbortController; ended: Promise<void> }>();
  readonly #followers = new Map<string, AbortController>();
  readonly #paths: JobPaths;

  constructor(
    private readonly services: Services,
    pathInFeed: (id: ExecutionId) => string | null,
    private readonly told: (job: Job) => void,
  ) {
    this.#paths = new JobPaths(services.store, pathInFeed, ({ id }, paths) =>
      this.#dispatch(id, { type: 'named', paths }),
    );
  }

  get(id: string): Job | undefined {
    return this.store.getState().jobs.find((job) => job.id === id);
  }

  get busy(): Job[] {
    return this.store.getState().jobs.filter(isBusy);
  }

  /** Begins to write. The plan is the one that was shown; what has changed since is found under the lock. */
  start(plan: CancelPlan, request: CancelRequest, options: Pick<CancelRunOptions, 'quietSince'>): string {
    const job = newJob(request, plan, Date.now());
    this.store.setState(({ jobs }) => ({ jobs: [...jobs, job] }));
    const abort = new AbortController();
    const ended = this.services.cancel
      .run(plan, request, {
        ...options,
        signal: abort.signal,
        onProgress: (progress) => this.#dispatch(job.id, { type: 'progress', progress }),
      })
      .then(
        (report) => this.#finished(job.id, report),
        (error: unknown) => this.#dispatch(job.id, { type: 'failed', message: errorText(error) }),
      )
      .finally(() => {
        this.#writers.delete(job.id);
        const now = this.get(job.id);
        if (now) this.told(now);
      });
    this.#writers.set(job.id, { abort, ended });
    return job.id;
  }

  /** Stops a batch before its next transaction; what is written stays. */
  stop(id: string): boolean {
    const writer = this.#writers.get(id);
    if (!writer || writer.abort.signal.aborted) return false;
    this.#dispatch(id, { type: 'stopping' });
    writer.abort.abort();
    return true;
  }

  /** Takes the follow-up up again after it ended. */
  followAgain(id: string): boolean {
    const job = this.get(id);
    if (!job?.report || job.phase !== 'done' || cancelledIn(job).length === 0) return false;
    this.#dispatch(id, { type: 'follow-again' });
    void this.#follow(id, job.report);
    return true;
  }

  /** Stops everything and waits until the transactions under way are over, so that the summary is the truth. */
  async close(graceMs: number): Promise<void> {
    for (const follower of this.#followers.values()) follower.abort();
    for (const id of this.#writers.keys()) this.stop(id);
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, graceMs);
    });
    await Promise.race([Promise.all([...this.#writers.values()].map((writer) => writer.ended)), patience]);
    clearTimeout(timer);
  }

  summaries(): BatchSummary[] {
    return this.store.getState().jobs.map((job) => {
      const counts = tally(job);
      return {
        batchId: job.id,
        reason: job.request.reason,
        cancelled: cancelledIn(job),
        notCancelled: Math.max(0, job.total - counts.cancelled),
        interrupted: job.report?.interrupted ?? true,
        stopped: counts.stopped,
        abandoned: counts.abandoned,
      };
    });
  }

  #dispatch(id: string, action: JobAction): void {
    this.store.setState(({ jobs }) => ({
      jobs: jobs.map((job) => (job.id === id ? jobReducer(job, action) : job)),
    }));
    const job = this.get(id);
    // A batch of many is told of often while it is written; what it met beside its plan is known afterwards.
    if (job && !isBusy(job)) this.#paths.complete(job);
  }

  #finished(id: string, report: CancelReport): void {
    this.#dispatch(id, { type: 'finished', report });
    if (this.get(id)?.phase === 'following') void this.#follow(id, report);
  }

  async #follow(id: string, report: CancelReport): Promise<void> {
    const abort = new AbortController();
    this.#followers.set(id, abort);
    let problem: string | null = null;
    try {
      const last = await this.services.follow.follow(report, {
        timeoutMs: FOLLOW_MS,
        signal: abort.signal,
        onSnapshot: (snapshot) => this.#dispatch(id, { type: 'followed', snapshot }),
      });
      this.#dispatch(id, { type: 'followed', snapshot: last });
    } catch (error) {
      problem = abort.signal.aborted ? null : `follow-up broke off: ${errorText(error)}`;
    }
    this.#followers.delete(id);
    this.#dispatch(id, { type: 'follow-ended', problem });
    const job = this.get(id);
    if (job && !abort.signal.aborted) this.told(job);
  }
}
