import type { EpochMs, Execution } from '../../domain/execution.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import { isSilent } from '../../domain/execution-status.js';
import { fleetOf } from '../../domain/staleness/recovery.js';
import {
  DEFAULT_THRESHOLDS,
  type EndedRelative,
  type HeldRelative,
  heartbeatsOf,
  type RuntimeRow,
  type StaleFacts,
  type StaleThresholds,
} from '../../domain/staleness/stale-facts.js';
import { ancestorsOf, diagnose, healthyHold, isUndecided, markAncestors } from '../../domain/staleness/staleness.js';
import type { Diagnosis } from '../../domain/staleness/staleness-types.js';
import { StoreError } from '../../store/errors.js';
import type { EventStore, ReadOptions } from '../../store/event-store.js';
import type { RecordedFacts, StaleFactsReader } from '../../store/stale-facts/reader.js';
import { bulkLoads } from './cohorts.js';
import { KinReader } from './kin-reader.js';
import { type StaleReport, summarise } from './stale-summary.js';

export interface DiagnoseOptions {
  /** Silent for longer is stale; milliseconds. */
  readonly olderThanMs: number;
  readonly signal?: AbortSignal;
  /** One of many automatic reads (a console's refresh). */
  readonly polling?: boolean;
}

/** All executions that have not ended, as the caller reads them anyway. */
export type ActiveExecutions = MaybePromise<{ readonly executions: Iterable<Execution>; readonly asOf: EpochMs }>;
type MaybePromise<T> = T | Promise<T>;

export interface DiagnoseService {
  /** Every execution to end that has been silent for longer, each with its diagnosis. */
  diagnoseStale(options: DiagnoseOptions & { readonly active?: ActiveExecutions }): Promise<StaleReport>;
  /**
   * The diagnoses of these executions, which the caller knows to be stale. `active` spares the reading of all
   * executions to end where the caller has just read them (with `asOf`, the clock of that read); ids that are not
   * among them are absent from the answer.
   */
  diagnoseMany(
    ids: readonly ExecutionId[],
    options: DiagnoseOptions & { readonly active?: ActiveExecutions },
  ): Promise<ReadonlyMap<ExecutionId, Diagnosis>>;
}

export type DiagnoseStore = Pick<EventStore, 'activeExecutions' | 'executionsById' | 'workers'> & StaleFactsReader;

type Executions = ReadonlyMap<ExecutionId, Execution>;
/** What was read by the database's clock a little before or after it is judged; the rules look at each time again. */
const FINISHED_MARGIN_MS = 60_000;
/** The facts that all executions share. */
type Common = Pick<StaleFacts, 'heartbeats' | 'fleet' | 'recentClaims'>;

/**
 * Diagnoses stale executions: reads the facts for all of them in a bounded number of statements and leaves the decision
 * to domain/staleness. Kinship is found from below: few executions have not ended, while a tree may hold thousands.
 */
export function createDiagnoseService(store: DiagnoseStore): DiagnoseService {
  const kin = new KinReader(store);

  /**
   * @param active read by the caller or on its way
   * @param chosen which of them are asked about
   * @param early their facts where their ids are known before `active` is
   */
  async function diagnoseAll(
    active: ActiveExecutions,
    chosen: (executions: Executions, asOf: EpochMs) => readonly Execution[],
    options: DiagnoseOptions,
    early?: Promise<ReadonlyMap<ExecutionId, RecordedFacts>>,
  ): Promise<{ targets: readonly Execution[]; diagnoses: Map<ExecutionId, Diagnosis>; asOf: EpochMs }> {
    const thresholds = { ...DEFAULT_THRESHOLDS, staleAfterMs: options.olderThanMs };
    const reading = readingOf(options);
    const within = Math.min(options.olderThanMs, thresholds.finalizingMs) + FINISHED_MARGIN_MS;
    // Each of these waits for what it depends on and for nothing else: a database 50 ms away is asked at once.
    const finishing = finishedLately(within, reading);
    early?.catch(() => {});
    const around = Promise.resolve(active).then(async ({ executions, asOf }) => {
      const known = byIdOf(executions);
      const targets = chosen(known, asOf);
      const [kindred, own] = await Promise.all([
        targets.length === 0 ? known : kin.withAncestors(known, reading),
        early ?? store.recordedFacts(targets.map(idOf), reading),
      ]);
      return { active: known, now: asOf, targets, kindred, own };
    });
    const [{ active: running, now, targets, kindred, own }, lately, rows] = await Promise.all([
      around,
      finishing,
      runtimeRows(reading),
    ]);
    if (targets.length === 0) return { targets, diagnoses: new Map(), asOf: now };
    const finished = new Map([...lately].filter(([id]) => !running.has(id)));
    const known = await kin.withAncestors(finished, reading, kindred);
    const parentOf = (id: ExecutionId) => known.get(id)?.parentExecutionId;
    const isQuiet = (execution: Execution) => isSilent(execution.lastEvent.at, now, options.olderThanMs);

    const quietBelow = below(targets, [...running.values()].filter(isQuiet), parentOf);
    const further = quietBelow.length === 0 ? [] : await store.recordedFacts(quietBelow.map(idOf), reading);
    const facts = new Map([...own, ...further].filter(([id]) => running.has(id)));
    const waits = [...facts.values()].some((own) => own.outstanding.some(({ stage }) => stage === 'issued'));
    const [recentClaims, loads] = await Promise.all([
      waits ? store.recentClaims(now - options.olderThanMs, reading) : null,
      bulkLoads(store, facts, thresholds.bulkLoadLagMs, reading),
    ]);
    const common: Common = { heartbeats: heartbeatsOf(rows), fleet: fleetOf(rows, now, thresholds), recentClaims };

    const progressing = [...running.values()].filter((execution) => !isQuiet(execution));
    const newest = markAncestors(newestFirst(progressing), parentOf);
    const ended = markAncestors(newestFirst([...finished.values()].flatMap(asEnded)), parentOf);
    const held = markAncestors(newestFirst(heldOf([...facts], known, common, now, thresholds)), parentOf);
    const open = [...facts].flatMap(([id, own]) => {
      const execution = running.get(id);
      return execution && isUndecided(own, execution.lastEvent, now, thresholds) ? [execution] : [];
    });
    const undecided = markAncestors(newestFirst(open), parentOf);

    const diagnoses = new Map<ExecutionId, Diagnosis>();
    for (const { executionId, lastEvent, parentExecutionId, stack } of targets) {
      const own = facts.get(executionId);
      if (!own) continue;
      const parent = parentExecutionId === null ? undefined : known.get(parentExecutionId);
      const diagnosis = diagnose(
        {
          ...own,
          ...common,
          executionId,
          stack,
          lastEvent,
          parent: parent && parent.executionId !== executionId ? parent : null,
          newestDescendant: newest.get(executionId) ?? null,
          endedDescendant: ended.get(executionId) ?? null,
          heldDescendant: held.get(executionId) ?? null,
          undecidedDescendant: undecided.get(executionId) ?? null,
          bulkLoad: loads.get(executionId) ?? null,
        },
        now,
        thresholds,
      );
      diagnoses.set(executionId, diagnosis);
    }
    return { targets, diagnoses, asOf: now };
  }

  /**
   * Those that ended without a cancel lately: who waited for one of them may be about to go on. Engines go on within
   * minutes, so a long threshold does not make this look back further than the hour that finalising is given.
   */
  async function finishedLately(withinMs: number, reading: ReadOptions): Promise<Executions> {
    const ids = await store.finishedWithin(withinMs, reading);
    const { executions } = ids.length === 0 ? { executions: [] } : await store.executionsById(ids, reading);
    return byIdOf(executions.filter((execution) => execution.parentExecutionId !== null));
  }

  /** A user who may not read noetl.runtime still gets diagnoses, with liveness unknown. */
  async function runtimeRows(reading: ReadOptions): Promise<RuntimeRow[] | null> {
    return store.workers(reading).catch((error: unknown) => {
      if (error instanceof StoreError && !error.retryable) return null;
      throw error;
    });
  }

  return {
    async diagnoseStale(options) {
      const { targets, diagnoses, asOf } = await diagnoseAll(
        options.active ?? store.activeExecutions(readingOf(options)),
        (executions, now) =>
          [...executions.values()].filter((execution) => isSilent(execution.lastEvent.at, now, options.olderThanMs)),
        options,
      );
      const stale = targets
        .flatMap((execution) => {
          const diagnosis = diagnoses.get(execution.executionId);
          return diagnosis ? [{ execution, diagnosis, silentMs: Math.round(asOf - execution.lastEvent.at) }] : [];
        })
        .sort((a, b) => b.silentMs - a.silentMs);
      return { stale, asOf, olderThanMs: options.olderThanMs, ...summarise(stale) };
    },

    async diagnoseMany(ids, options) {
      if (ids.length === 0) return new Map();
      const wanted = [...new Set(ids)];
      const { diagnoses } = await diagnoseAll(
        options.active ?? store.activeExecutions(readingOf(options)),
        (executions) => wanted.flatMap((id) => executions.get(id) ?? []),
        options,
        store.recordedFacts(wanted, readingOf(options)),
      );
      return diagnoses;
    },
  };
}

const idOf = (execution: Execution): ExecutionId => execution.executionId;

const byIdOf = (executions: Iterable<Execution>): Map<ExecutionId, Execution> =>
  new Map(Array.from(executions, (execution) => [execution.executionId, execution]));

function readingOf({ signal, polling }: DiagnoseOptions): ReadOptions {
  return { signal, polling };
}

/** Those of the candidates that are descendants of a target. */
function below(
  targets: readonly Execution[],
  candidates: readonly Execution[],
  parentOf: (id: ExecutionId) => ExecutionId | null | undefined,
): Execution[] {
  const wanted = new Set(targets.map(idOf));
  return candidates.filter((candidate) => {
    if (wanted.has(candidate.executionId)) return false;
    for (const ancestor of ancestorsOf(candidate.executionId, parentOf)) if (wanted.has(ancestor)) return true;
    return false;
  });
}

const asEnded = ({ executionId, lastEvent, status }: Execution): EndedRelative[] =>
  status === 'RUNNING' ? [] : [{ executionId, lastEvent, status }];

function newestFirst<T extends { readonly lastEvent: { readonly at: EpochMs } }>(executions: readonly T[]): T[] {
  return [...executions].sort((a, b) => b.lastEvent.at - a.lastEvent.at);
}

function heldOf(
  facts: readonly (readonly [ExecutionId, RecordedFacts])[],
  known: Executions,
  common: Common,
  now: EpochMs,
  thresholds: StaleThresholds,
): HeldRelative[] {
  return facts.flatMap(([executionId, own]) => {
    const execution = known.get(executionId);
    if (!execution) return [];
    const { lastEvent, stack } = execution;
    const hold = healthyHold({ ...own, ...common, stack, lastEvent, bulkLoad: null }, now, thresholds);
    return hold ? [{ executionId, lastEvent, ...hold }] : [];
  });
}
