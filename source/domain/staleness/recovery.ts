import { formatDuration } from '../../text/duration.js';
import type { EpochMs } from '../execution.js';
import { isLiveWorker, type Liveness, livenessOf } from '../worker-liveness.js';
import { ago, step } from './stale-evidence.js';
import {
  isOffline,
  type OutstandingCommand,
  type RuntimeRow,
  type StaleFacts,
  type StaleThresholds,
} from './stale-facts.js';

/** What recovery and queueing are judged by. */
export type RecoveryFacts = Pick<
  StaleFacts,
  'outstanding' | 'heartbeats' | 'fleet' | 'stack' | 'lastEvent' | 'recentClaims' | 'bulkLoad'
>;

export interface Waiting {
  readonly command: OutstandingCommand;
  /** What is known, as a clause that follows the command's. */
  readonly why: string;
}

/**
 * A command that the engine's own recovery can still hand to a worker. While its lease beats, that is for `recoveryMs`
 * after the latest of: the loss of the worker, the issue, the return of workers; and as long as there is no worker at
 * all, because the time counts from their return. The lease is the Python stack's, which hands on none of Rust's commands.
 *
 * Where noetl.runtime says nothing at all, an unclaimed command counts as recoverable, as a claim counts as live.
 */
export function recovering(facts: RecoveryFacts, now: EpochMs, thresholds: StaleThresholds): Waiting | null {
  const { fleet, stack } = facts;
  if (fleet === null) {
    const issued = facts.bulkLoad ? undefined : facts.outstanding.find((command) => command.stage === 'issued');
    return issued
      ? { command: issued, why: 'whether a worker can still take it is not known; worker liveness unknown' }
      : null;
  }
  if (fleet.reaperAt === null || stack === 'rust') return null;
  const lease = `the engine's command reaper is alive (${ago(fleet.reaperAt, now)})`;
  for (const command of facts.outstanding) {
    const lostAt = lossOf(command, facts, now, thresholds);
    if (lostAt === null) continue;
    if (fleet.liveWorkers.size === 0) return { command, why: `${lease}, and hands it on when workers are back` };
    const left = Math.max(lostAt, fleet.workersSince ?? lostAt) + thresholds.recoveryMs - now;
    if (left > 0)
      return { command, why: `${lease} and may hand it on for another ${formatDuration(Math.max(1000, left))}` };
  }
  return null;
}

/** Since when a command needs recovery; null where a worker that may be alive holds it. */
function lossOf(
  command: OutstandingCommand,
  { heartbeats, lastEvent }: RecoveryFacts,
  now: EpochMs,
  { workerSilentMs }: StaleThresholds,
): EpochMs | null {
  if (command.stage === 'issued') return command.at;
  const liveness = livenessOf(command.workerId, heartbeats, now, workerSilentMs);
  if (liveness.kind !== 'lost') return null;
  // A worker whose row is gone was lost at a time that nothing records, but not before the last event.
  return liveness.heartbeatAt ?? Math.max(command.at, lastEvent.at);
}

/**
 * An unclaimed command that may simply have its turn still to come: every live worker claimed something within the
 * staleness threshold, and no command that was issued later has been claimed.
 */
export function queued(facts: RecoveryFacts): Waiting | null {
  const { fleet, recentClaims, outstanding } = facts;
  if (!fleet || !recentClaims || fleet.liveWorkers.size === 0) return null;
  const { workers, newestIssue, complete } = recentClaims;
  if (complete && ![...fleet.liveWorkers].every((name) => workers.has(name))) return null;
  const command = outstanding.find(
    ({ stage, at }) => stage === 'issued' && (newestIssue === null || newestIssue <= at),
  );
  if (!command) return null;
  const count = fleet.liveWorkers.size;
  const busy = count === 1 ? 'the live worker is' : `all ${count} live workers are`;
  return { command, why: `${busy} busy, and no command issued after it has been claimed` };
}

/** The sentence of a command that waits. */
export function waitingSentence({ command, why }: Waiting, now: EpochMs): string {
  const state =
    command.stage === 'issued'
      ? `was issued ${ago(command.at, now)} and no worker has claimed it`
      : `was ${command.stage} ${ago(command.at, now)} by ${command.workerId}, which is gone`;
  return `${step(command.node)} ${state}; ${why}`;
}

/** Held commands whose holder's liveness passes the test, oldest first. */
export function heldBy(
  facts: Pick<StaleFacts, 'outstanding' | 'heartbeats'>,
  now: EpochMs,
  { workerSilentMs }: StaleThresholds,
  test: (liveness: Liveness) => boolean,
): { command: OutstandingCommand; liveness: Liveness }[] {
  return byAge(facts.outstanding.filter((command) => command.stage !== 'issued'))
    .map((command) => ({ command, liveness: livenessOf(command.workerId, facts.heartbeats, now, workerSilentMs) }))
    .filter(({ liveness }) => test(liveness));
}

/** Oldest first; equal times by key, so that the order of the input never shows. */
export const byAge = (commands: readonly OutstandingCommand[]): OutstandingCommand[] =>
  [...commands].sort((a, b) => a.at - b.at || (a.commandKey < b.commandKey ? -1 : a.commandKey > b.commandKey ? 1 : 0));

/** What noetl.runtime says, at one moment, of who can still take a command. */
export interface Fleet {
  /** Names of the workers that can take work. */
  readonly liveWorkers: ReadonlySet<string>;
  /**
   * Since when at least one worker has been beating without a break; null where no worker is alive, or where no row
   * says when it registered.
   */
  readonly workersSince: EpochMs | null;
  /** The newest beat of a lease that hands lost commands on; null where no such lease is live. */
  readonly reaperAt: EpochMs | null;
}

const REAPER = /(^|:)command_reaper$/;

const isReaper = (row: RuntimeRow): boolean =>
  REAPER.test(row.name) && (row.kind === null || row.kind === 'server_api') && !isOffline(row.status);

/**
 * The fleet from the rows of noetl.runtime; null where they name no worker and no lease, so that nothing is known.
 * Source: event-store.md, "Tables" (noetl.runtime).
 */
export function fleetOf(rows: readonly RuntimeRow[] | null, now: EpochMs, thresholds: StaleThresholds): Fleet | null {
  if (!rows) return null;
  const workers = rows.filter((row) => row.kind === null || row.kind === 'worker_pool');
  const leases = rows.filter(isReaper);
  if (workers.length === 0 && leases.length === 0) return null;
  const beats = leases.flatMap(({ heartbeatAt }) =>
    heartbeatAt !== null && now - heartbeatAt < thresholds.reaperSilentMs ? [heartbeatAt] : [],
  );
  return {
    liveWorkers: new Set(
      workers.filter((row) => isLiveWorker(row, now, thresholds.workerSilentMs)).map((row) => row.name),
    ),
    workersSince: unbrokenSince(workers, now, thresholds.workerSilentMs),
    reaperAt: beats.length === 0 ? null : Math.max(...beats),
  };
}

/**
 * The beginning of the stretch, up to now, in which there was always a worker. Workers that took over from one another
 * within the limit of a heartbeat never went away: otherwise a deployment that restarts its pods every five minutes
 * would count as just back from an outage for ever. Rows of workers that are gone can only lengthen the stretch, so
 * where the server has deleted them the answer errs towards "came back lately".
 */
function unbrokenSince(workers: readonly RuntimeRow[], now: EpochMs, workerSilentMs: number): EpochMs | null {
  let since: EpochMs | null = null;
  const latestFirst = workers
    .flatMap((row) =>
      row.createdAt === null || row.heartbeatAt === null
        ? []
        : [{ from: row.createdAt, until: row.heartbeatAt, live: isLiveWorker(row, now, workerSilentMs) }],
    )
    .sort((a, b) => b.until - a.until);
  for (const { from, until, live } of latestFirst) {
    if (since === null ? live : until + workerSilentMs >= since) since = Math.min(since ?? from, from);
  }
  return since;
}
