import type { CancelOutcome, CancelPlan, CancelRequest, CancelTarget } from '../../../source/domain/cancellation.js';
import { containsText, isFailure } from '../../../source/domain/event-types.js';
import type { Execution } from '../../../source/domain/execution.js';
import type { ExecutionId } from '../../../source/domain/execution-id.js';
import type { Runaway, UsualRunTime } from '../../../source/domain/runaway/facts.js';
import type { Diagnosis } from '../../../source/domain/staleness/staleness-types.js';
import type { CancelReport, CancelRunOptions } from '../../../source/service/cancel/cancel.js';
import type { DescribeService, ExecutionDescription } from '../../../source/service/describe.js';
import type { FollowSnapshot } from '../../../source/service/follow/follow-run.js';
import type { BatchLogService } from '../../../source/service/report/batch-list.js';
import { createServices, type Services } from '../../../source/service/use-cases.js';
import type { ExecutionDetails } from '../../../source/store/details/types.js';
import type { CancellationRecord, EventDetail, EventStore, TreeEdge } from '../../../source/store/event-store.js';
import type { FakeFeed } from './fake-feed.js';

/** A promise that the test settles. */
export interface Deferred<Value> {
  readonly promise: Promise<Value>;
  resolve(value: Value): void;
  reject(error: unknown): void;
}

export function deferred<Value>(): Deferred<Value> {
  let settle: Pick<Deferred<Value>, 'resolve' | 'reject'> | null = null;
  const promise = new Promise<Value>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { promise, resolve: (value) => settle?.resolve(value), reject: (error) => settle?.reject(error) };
}

export interface Run {
  readonly plan: CancelPlan;
  readonly request: CancelRequest;
  readonly options: CancelRunOptions;
  readonly report: Deferred<CancelReport>;
}

/** Services on a feed's rows: plans are made from them, runs wait for the test, nothing is ever written. */
export class FakeServices {
  readonly plans: { ids: readonly ExecutionId[]; cascade: boolean }[] = [];
  readonly runs: Run[] = [];
  readonly follows: {
    report: CancelReport;
    snapshot?: (snapshot: FollowSnapshot) => void;
    ended: Deferred<FollowSnapshot>;
  }[] = [];
  readonly reads: string[] = [];
  connection = { host: 'db.example', port: 5432, database: 'noetl', user: 'ann', schema: 'noetl' };
  links: TreeEdge[] = [];
  events: EventDetail[] = [];
  /** Executions that only the store knows. */
  readonly executions = new Map<ExecutionId, Execution>();
  cancellations: CancellationRecord[] = [];
  batchLog: BatchLogService | null = null;
  /** What a look at a stale execution would find. */
  readonly diagnoses = new Map<ExecutionId, Diagnosis>();
  readonly runaways = new Map<ExecutionId, Runaway>();
  /** What the store would say of one execution, beyond the lists. */
  readonly descriptions = new Map<ExecutionId, ExecutionDescription>();
  /** How long every playbook usually runs. */
  usual: UsualRunTime | null = null;
  planFailure: Error | null = null;
  storeFailure: Error | null = null;
  /** When set, plans wait for it. */
  planGate: Deferred<void> | null = null;

  constructor(readonly feed: FakeFeed) {}

  planOf(ids: readonly ExecutionId[], cascade: boolean, leaveOut: readonly ExecutionId[] = []): CancelPlan {
    const target = (id: ExecutionId, rootId: ExecutionId, depth: number): CancelTarget[] => {
      const known = this.feed.rows.get(id)?.execution ?? this.executions.get(id);
      if (known?.status !== 'RUNNING') return [];
      return [
        {
          executionId: id,
          rootId,
          parentExecutionId: known.parentExecutionId,
          stack: known.stack,
          layout: 'rust',
          path: known.path,
          depth,
          lastEventAt: known.lastEvent.at,
          workerId: known.lastEvent.workerId,
        },
      ];
    };
    const below = (id: ExecutionId, root: ExecutionId, depth: number): CancelTarget[] =>
      this.links
        .filter((link) => link.parent === id && !ids.includes(link.child) && !leaveOut.includes(link.child))
        .flatMap((link) => [...target(link.child, root, depth), ...below(link.child, root, depth + 1)]);
    const ended = ids.flatMap((id) => {
      const known = this.feed.rows.get(id)?.execution;
      if (!known || known.status === 'RUNNING') return [];
      return [{ executionId: id, rootId: id, as: known.status, endedAt: known.endedAt, depth: 0 }];
    });
    const passedBy = this.links.filter((link) => cascade && leaveOut.includes(link.child)).map((link) => link.child);
    const endedBelow = this.links.flatMap(({ child }) => {
      const known = this.feed.rows.get(child)?.execution;
      if (!cascade || ids.includes(child) || !known || known.status === 'RUNNING') return [];
      return [{ executionId: child, rootId: ids[0] ?? child, as: known.status, endedAt: known.endedAt, depth: 1 }];
    });
    return {
      requested: ids,
      leftOut: { ids: leaveOut, live: passedBy.flatMap((id) => target(id, ids[0] ?? id, 1)) },
      targets: ids.flatMap((id) => [...target(id, id, 0), ...(cascade ? below(id, id, 1) : [])]),
      ended: [...ended, ...endedBelow],
      unknown: ids.filter((id) => !this.feed.rows.has(id)),
    };
  }

  /** Ends a run with one outcome for each target; by default all are cancelled. */
  finish(run: Run, outcome: (target: CancelTarget, index: number) => CancelOutcome = cancelled): void {
    run.report.resolve({
      request: run.request,
      plan: run.plan,
      outcomes: run.plan.targets.map(outcome),
      startedAt: 0,
      finishedAt: 1,
      interrupted: run.options.signal?.aborted === true,
      sweepProblem: null,
    });
  }

  get services(): Services {
    return {
      ...createServices(this.#store()),
      ...(this.batchLog ? { batchLog: this.batchLog } : {}),
      cancel: {
        plan: async (ids, { cascade, leaveOut }) => {
          this.plans.push({ ids, cascade });
          await this.planGate?.promise;
          if (this.planFailure) throw this.planFailure;
          return this.planOf(ids, cascade, leaveOut);
        },
        run: (plan, request, options = {}) => {
          const run = { plan, request, options, report: deferred<CancelReport>() };
          this.runs.push(run);
          return run.report.promise;
        },
      },
      diagnose: {
        diagnoseStale: () => Promise.reject(new Error('the dialog diagnoses single executions')),
        diagnoseMany: (ids) =>
          this.#read(
            'diagnoseMany',
            () => new Map([...this.diagnoses].filter(([executionId]) => ids.includes(executionId))),
          ),
      },
      follow: {
        follow: (report, { onSnapshot, signal }) => {
          const ended = deferred<FollowSnapshot>();
          signal?.addEventListener('abort', () => ended.resolve({ states: [], asOf: 0, allSettled: false }));
          this.follows.push({ report, ended, ...(onSnapshot ? { snapshot: onSnapshot } : {}) });
          return ended.promise;
        },
        look: async (cancels) => ({
          states: cancels.map(({ executionId }) => ({ executionId, phase: 'stopped', draining: 0, violation: null })),
          asOf: 0,
          allSettled: true,
        }),
      },
      runaway: {
        find: async ({ active, wanted = () => true } = {}) =>
          this.#read('runaway', () => {
            const executions = [...(active?.executions ?? [])].filter(wanted);
            const found = executions.flatMap((execution) => {
              const runaway = this.runaways.get(execution.executionId);
              return runaway ? [{ execution, runaway }] : [];
            });
            return { found, examined: executions.length, byCode: new Map(), asOf: active?.asOf ?? 0 };
          }),
        lookAhead: async () => {},
        usualRunTime: async () => this.usual,
      },
    };
  }

  readonly describe: DescribeService = {
    describe: (ids) =>
      this.#read(
        'describe',
        () => new Map([...this.descriptions].filter(([executionId]) => ids.includes(executionId))),
      ),
  };

  #read<Value>(name: string, value: () => Value): Promise<Value> {
    this.reads.push(name);
    return this.storeFailure ? Promise.reject(this.storeFailure) : Promise.resolve(value());
  }

  /** Only what the console's screens use; anything else is a bug of the console, and throws. */
  #store(): EventStore {
    const used: Partial<EventStore> = {
      connection: this.connection,
      executionsById: (ids) =>
        this.#read('executionsById', () => ({
          executions: ids.flatMap((id) => this.feed.rows.get(id)?.execution ?? this.executions.get(id) ?? []),
          asOf: 0,
        })),
      recentExecutions: () => this.#read('recentExecutions', () => ({ executions: [], asOf: 0 })),
      recentCancellations: () => this.#read('recentCancellations', () => this.cancellations),
      executionDetails: (ids) =>
        this.#read(
          'executionDetails',
          () =>
            new Map(
              ids.flatMap((id): [ExecutionId, ExecutionDetails][] => {
                const one = this.descriptions.get(id);
                if (!one) return [];
                const { children, firstError } = one;
                const cancellation = one.cancellation?.record ?? null;
                return [[id, { children, firstError, cancellation, commands: [], hasAllCommands: true }]];
              }),
            ),
        ),
      linksBelow: () => this.#read('linksBelow', () => ({ links: this.links, truncated: false })),
      eventsOf: (_id, page) =>
        this.#read(page.payloads ? 'eventsOf with payloads' : 'eventsOf', () => {
          const { after, before } = page;
          const from = this.events.filter(
            (event) =>
              (!after || BigInt(event.eventId) > BigInt(after)) &&
              (!before || BigInt(event.eventId) < BigInt(before)) &&
              (!page.failuresOnly || isFailure(event)) &&
              (page.containing === undefined || containsText(event, page.containing)),
          );
          const events = after ? from.slice(0, page.limit) : from.slice(-page.limit);
          const payload = { context: { token: 's3cret' }, result: null, meta: null };
          return {
            events: events.map((event) => ({ ...event, payload: page.payloads ? payload : null })),
            hasMore: events.length < from.length,
          };
        }),
    };
    return new Proxy(used, {
      get: (target, name) => {
        // One database is all there is.
        if (name === 'shards') return undefined;
        if (name in target) return target[name as keyof EventStore];
        throw new Error(`the console's screens do not use store.${String(name)}`);
      },
    }) as EventStore;
  }
}

export const cancelled = (target: CancelTarget): CancelOutcome => ({
  kind: 'cancelled',
  executionId: target.executionId,
  rootId: target.rootId,
  eventId: '99',
  at: 0,
  late: false,
});
