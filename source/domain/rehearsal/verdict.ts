import { isStartType, stackOfStartType } from '../event-types.js';
import type { EpochMs } from '../execution.js';
import { executionStatus, isSilent, terminalStatusOf } from '../execution-status.js';
import { type FactEvent, factsFromEvents } from '../staleness/facts-from-events.js';
import {
  type BulkLoad,
  type EndedRelative,
  type HeldRelative,
  heartbeatsOf,
  type OwnFacts,
  type ParentFacts,
  type Relative,
  type StaleFacts,
  type StaleThresholds,
} from '../staleness/stale-facts.js';
import { diagnose, healthyHold, isUndecided } from '../staleness/staleness.js';
import type { Diagnosis } from '../staleness/staleness-types.js';
import type { Assumption, ExecutionLog, Family, LogEvent } from './rehearse.js';

/** What is known at a moment of who works; product of noetl.runtime and of what was claimed lately. */
export type Runtime = Pick<StaleFacts, 'heartbeats' | 'fleet' | 'recentClaims'>;

const WORKERS: Readonly<Record<Assumption, Runtime>> = {
  unknown: { heartbeats: null, fleet: null, recentClaims: null },
  lost: {
    heartbeats: heartbeatsOf([
      { name: '', kind: 'worker_pool', status: 'offline', heartbeatAt: null, createdAt: null },
    ]),
    fleet: { liveWorkers: new Set(), workersSince: null, reaperAt: null },
    recentClaims: null,
  },
};

/** How many other executions share a bulk load's ingest_time; 0 where it stands alone. */
export type Cohorts = (ingestTime: string) => number;

/** An execution as the log showed it at a moment. */
interface Seen {
  readonly log: ExecutionLog;
  readonly events: readonly LogEvent[];
  readonly lastEvent: LogEvent;
  readonly status: ParentFacts['status'];
  readonly endedAt: EpochMs | null;
}

/** What the rule would have said of an execution at a moment, from the log up to then; null where it was not running. */
export const verdictAt = (
  family: Family,
  now: EpochMs,
  assumption: Assumption,
  thresholds: StaleThresholds,
  cohorts?: Cohorts,
): Diagnosis | null => verdictWith(family, now, WORKERS[assumption], thresholds, cohorts);

/** The same where it is known who worked then. */
export function verdictWith(
  family: Family,
  now: EpochMs,
  workers: Runtime,
  thresholds: StaleThresholds,
  cohorts: Cohorts = () => 0,
): Diagnosis | null {
  const own = seenAt(family.own, now);
  if (own?.status !== 'RUNNING' || !isSilent(own.lastEvent.at, now, thresholds.staleAfterMs)) return null;
  const start = own.events.find(({ type }) => isStartType(type));
  if (!start) return null;
  const parent = family.parent && family.parent !== family.own ? seenAt(family.parent, now) : null;
  const below = family.descendants.flatMap((log) => seenAt(log, now) ?? []);
  return diagnose(
    {
      ...ownFacts(own),
      ...workers,
      ...kinOf(below, workers, now, thresholds),
      executionId: family.own.executionId,
      stack: stackOfStartType(start.type),
      lastEvent: own.lastEvent,
      parent: parent && { ...relative(parent), status: parent.status, endedAt: parent.endedAt },
      bulkLoad: bulkLoadOf(own, cohorts, thresholds),
    },
    now,
    thresholds,
  );
}

/** The rows that were in the table at a moment. */
export function knownAt(log: ExecutionLog, now: EpochMs): readonly LogEvent[] {
  const isKnown = ({ at, loaded }: LogEvent) => at <= now && (loaded === null || loaded.at <= now);
  // Most often a prefix, and then no row is copied twice.
  return log.events.every(isKnown) ? log.events : log.events.filter(isKnown);
}

function seenAt(log: ExecutionLog, now: EpochMs): Seen | null {
  const events = knownAt(log, now);
  const lastEvent = events.at(-1);
  if (!lastEvent) return null;
  const { status } = executionStatus(events.map(({ type }) => type));
  const end = status === 'RUNNING' ? undefined : events.find(({ type }) => terminalStatusOf(type) === status);
  return { log, events, lastEvent, status, endedAt: end?.at ?? null };
}

/** Own facts of a set of rows: several moments and both assumptions ask for the same. */
const known = new WeakMap<LogEvent, { readonly length: number; readonly facts: Omit<OwnFacts, 'bulkLoad'> }>();

function ownFacts({ events, lastEvent }: Seen): Omit<OwnFacts, 'bulkLoad'> {
  const before = known.get(lastEvent);
  if (before?.length === events.length) return before.facts;
  const { lastEvent: _, ...facts } = factsFromEvents(events satisfies readonly FactEvent[]);
  known.set(lastEvent, { length: events.length, facts });
  return facts;
}

const relative = ({ log, lastEvent }: Seen): Relative => ({ executionId: log.executionId, lastEvent });

/** What the descendants of an execution make of it, as service/diagnose finds it for the present. */
function kinOf(below: readonly Seen[], workers: Runtime, now: EpochMs, thresholds: StaleThresholds) {
  const newestFirst = [...below].sort((a, b) => b.lastEvent.at - a.lastEvent.at);
  let newestDescendant: Relative | null = null;
  let endedDescendant: EndedRelative | null = null;
  let heldDescendant: HeldRelative | null = null;
  let undecidedDescendant: Relative | null = null;
  for (const seen of newestFirst) {
    const { status, lastEvent, events } = seen;
    if (status !== 'RUNNING') {
      if (status !== 'CANCELLED') endedDescendant ??= { ...relative(seen), status };
      continue;
    }
    if (!isSilent(lastEvent.at, now, thresholds.staleAfterMs)) {
      newestDescendant ??= relative(seen);
      continue;
    }
    if (heldDescendant && undecidedDescendant) continue;
    const start = events.find(({ type }) => isStartType(type));
    if (!start) continue;
    const facts = ownFacts(seen);
    const stack = stackOfStartType(start.type);
    const hold = healthyHold({ ...facts, ...workers, stack, lastEvent, bulkLoad: null }, now, thresholds);
    if (hold) heldDescendant ??= { ...relative(seen), ...hold };
    if (isUndecided(facts, lastEvent, now, thresholds)) undecidedDescendant ??= relative(seen);
  }
  return { newestDescendant, endedDescendant, heldDescendant, undecidedDescendant };
}

function bulkLoadOf({ events, lastEvent }: Seen, cohorts: Cohorts, thresholds: StaleThresholds): BulkLoad | null {
  const { loaded, at } = lastEvent;
  if (!loaded || loaded.at - at < thresholds.bulkLoadLagMs) return null;
  if (events[0]?.loaded?.ingestTime !== loaded.ingestTime) return null;
  const others = cohorts(loaded.ingestTime);
  return others > 0 ? { ...loaded, lagMs: loaded.at - at, others } : null;
}
