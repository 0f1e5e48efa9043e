import { formatDuration } from '../../text/duration.js';
import type { EpochMs } from '../execution.js';
import { ago, clockTime } from '../staleness/stale-evidence.js';
import { DEFAULT_THRESHOLDS, type RuntimeRow } from '../staleness/stale-facts.js';
import { isLiveWorker } from '../worker-liveness.js';
import { type IssuedCommand, logBehind, logCondition, type NewestCommands } from './conditions-log.js';
import { type SilentShard, shardDown } from './shard-down.js';

export type { IssuedCommand, NewestCommands };

/** States of the whole engine in which no single execution may be called stuck (product.md, "When nothing may be judged"). */
export const CONDITION_CODES = ['no-workers', 'workers-returned', 'log-behind', 'engine-down', 'shard-down'] as const;
/** One of CONDITION_CODES. */
export type ConditionCode = (typeof CONDITION_CODES)[number];

/** One that holds, with what shows it. */
export interface Condition {
  readonly code: ConditionCode;
  /** The numbers and names in one sentence; names are as in the database and not yet fit for a terminal. */
  readonly sentence: string;
  /** What to do about it, in one sentence. */
  readonly remedy: string;
  /** When it began, where the tables say so. */
  readonly since: EpochMs | null;
  /** When it ends without anyone's doing; only workers-returned counts down. */
  readonly until: EpochMs | null;
  /** Of commands that wait, workers that returned, rows that the log lacks, or servers that are silent. */
  readonly count: number;
  /** Workers, servers or executions that the sentence is about; at most NAMED. */
  readonly names: readonly string[];
}

/** Outstanding commands of executions that have not ended; read only where no worker is alive. */
export interface WaitingCommands {
  readonly unclaimed: number;
  /** Claimed or started by a worker that is not alive now. */
  readonly held: number;
  readonly executions: number;
  readonly oldestAt: EpochMs | null;
  /** True where reading stopped before all executions were seen. */
  readonly atLeast: boolean;
}

export interface EngineFacts {
  /** The rows of noetl.runtime; null where the table is absent, empty or may not be read. */
  readonly runtime: readonly RuntimeRow[] | null;
  /** Null where it was not read. */
  readonly waiting: WaitingCommands | null;
  readonly commands: NewestCommands;
  /** When this process last saw no live worker: a pool that comes back under its old row keeps its created_at. */
  readonly withoutWorkersAt: EpochMs | null;
  /** Shards that do not answer; absent where one database is all there is. */
  readonly gaps?: readonly SilentShard[];
}

/** The state of the engine at a moment. */
export interface EngineState {
  readonly asOf: EpochMs;
  /** Those that hold, in the order of CONDITION_CODES. */
  readonly conditions: readonly Condition[];
  /** Those that could not be decided, and why; they count as not holding. */
  readonly unknown: readonly { readonly code: ConditionCode; readonly why: string }[];
  /** Null where worker liveness is unknown. */
  readonly workers: { readonly alive: number; readonly registered: number } | null;
}

/** All in milliseconds. */
export interface ConditionThresholds {
  readonly workerSilentMs: number;
  readonly returnedMs: number;
  readonly logBehindMs: number;
  readonly serverSilentMs: number;
}

/** Sources: product.md, "When nothing may be judged"; event-store.md, "Tables" (workers beat every 15 s, leases every 60 s). */
export const DEFAULT_CONDITION_THRESHOLDS: ConditionThresholds = {
  workerSilentMs: DEFAULT_THRESHOLDS.workerSilentMs,
  returnedMs: 10 * 60_000,
  logBehindMs: 2 * 60_000,
  serverSilentMs: 2 * 60_000,
};

/** How many workers or servers a condition names. */
const NAMED = 5;

export const LIVENESS_UNKNOWN =
  'worker liveness unknown: noetl.runtime is absent, empty or may not be read, so an outage of the workers would not be seen';

/**
 * Whether a row proves a live worker now. A beat that lies further ahead than a beat may be old proves nothing: the row
 * would read as alive long after its worker's death.
 */
export const provesLife = (row: RuntimeRow, now: EpochMs, workerSilentMs: number): boolean =>
  isLiveWorker(row, now, workerSilentMs) && row.heartbeatAt !== null && row.heartbeatAt - now <= workerSilentMs;

const isPool = (row: RuntimeRow): boolean => row.kind === null || row.kind === 'worker_pool';

/** Decides which conditions hold. What is unknown is listed and never silently left out. */
export function judgeEngine(
  facts: EngineFacts,
  now: EpochMs,
  thresholds: ConditionThresholds = DEFAULT_CONDITION_THRESHOLDS,
): EngineState {
  const { runtime } = facts;
  const pools = runtime?.filter(isPool) ?? [];
  const alive = pools.filter((row) => provesLife(row, now, thresholds.workerSilentMs));
  const unknown: { code: ConditionCode; why: string }[] = [];
  const conditions: (Condition | null)[] = [];
  if (runtime === null) {
    const codes = ['no-workers', 'workers-returned', 'engine-down'] as const;
    unknown.push(...codes.map((code) => ({ code, why: LIVENESS_UNKNOWN })));
  } else {
    conditions.push(noWorkers(pools, alive, facts.waiting, now));
    const registered = alive.filter((row) => row.createdAt !== null);
    if (alive.length > 0 && registered.length === 0 && facts.withoutWorkersAt === null) {
      unknown.push({ code: 'workers-returned', why: 'noetl.runtime does not say when the live workers registered' });
    } else conditions.push(workersReturned(alive, facts.withoutWorkersAt, now, thresholds.returnedMs));
  }
  const behind = logBehind(facts.commands, now, thresholds.logBehindMs);
  if (behind.kind === 'unknown') unknown.push({ code: 'log-behind', why: behind.why });
  else if (behind.kind === 'behind') conditions.push(logCondition(behind, now, NAMED));
  if (runtime !== null) conditions.push(engineDown(runtime, now, thresholds.serverSilentMs));
  conditions.push(shardDown(facts.gaps ?? [], now));
  if (facts.commands.kind === 'rows' && facts.commands.unknown)
    unknown.push({ code: 'log-behind', why: facts.commands.unknown });
  return {
    asOf: now,
    conditions: conditions.filter((condition) => condition !== null),
    unknown,
    workers: runtime === null ? null : { alive: alive.length, registered: pools.length },
  };
}

function noWorkers(
  pools: readonly RuntimeRow[],
  alive: readonly RuntimeRow[],
  waiting: WaitingCommands | null,
  now: EpochMs,
): Condition | null {
  const count = waiting === null ? 0 : waiting.unclaimed + waiting.held;
  if (alive.length > 0 || waiting === null || count === 0) return null;
  const parts = [
    waiting.unclaimed > 0 ? `${waiting.unclaimed} unclaimed` : '',
    waiting.held > 0 ? `${waiting.held} held by workers that are gone` : '',
  ].filter((part) => part !== '');
  const commands = `${waiting.atLeast ? 'at least ' : ''}${count === 1 ? '1 command waits' : `${count} commands wait`}`;
  const beats = beatsOf(pools, now);
  const none =
    pools.length === 0
      ? 'noetl.runtime lists no worker pool'
      : `${pools.length === 1 ? `the only worker pool is not alive` : `none of ${pools.length} worker pools is alive`}${beats.words}`;
  return {
    code: 'no-workers',
    sentence: `${commands} (${parts.join(', ')}) and ${none}`,
    remedy: 'start a worker pool, then give it 10m to work off what waits',
    since: beats.newest?.heartbeatAt ?? null,
    until: null,
    count,
    names: newestFirst(pools, 'heartbeatAt').slice(0, NAMED).map(nameOf),
  };
}

function workersReturned(
  alive: readonly RuntimeRow[],
  withoutWorkersAt: EpochMs | null,
  now: EpochMs,
  returnedMs: number,
): Condition | null {
  if (alive.length === 0) return null;
  const times = alive.flatMap((row) => row.createdAt ?? []);
  const registeredAt = times.length === 0 ? null : Math.min(...times);
  const seenAt = withoutWorkersAt;
  const since = Math.max(registeredAt ?? Number.NEGATIVE_INFINITY, seenAt ?? Number.NEGATIVE_INFINITY);
  if (!(now - since < returnedMs)) return null;
  const what =
    since > now
      ? `registered in the future (${clockTime(since, now)}: check the clocks)`
      : seenAt !== null && seenAt === since
        ? `came back, ${ago(since, now)} no worker was alive`
        : `registered ${ago(since, now)}`;
  const others = alive.length > 1 ? ` as the first of ${alive.length}` : '';
  const left = formatDuration(since + returnedMs - now);
  return {
    code: 'workers-returned',
    sentence: `${(alive.find((row) => row.createdAt === registeredAt) ?? alive[0])?.name ?? 'a worker'} ${what}${others}: the engine may still be handing out what waited, ${left} left`,
    remedy: `wait ${left}: what is only late goes on by then`,
    since,
    until: since + returnedMs,
    count: alive.length,
    names: newestFirst(alive, 'createdAt').slice(-NAMED).map(nameOf),
  };
}

/** Leases of the servers' own tasks (`<server>:command_reaper`) count: a lease that is renewed proves a server that lives. */
function engineDown(runtime: readonly RuntimeRow[], now: EpochMs, silentMs: number): Condition | null {
  const servers = runtime.filter((row) => row.kind === 'server_api');
  if (servers.length === 0) return null;
  const beats = (row: RuntimeRow) =>
    row.status?.toLowerCase() !== 'offline' && row.heartbeatAt !== null && Math.abs(now - row.heartbeatAt) < silentMs;
  if (servers.some(beats)) return null;
  const { newest, words } = beatsOf(servers, now);
  return {
    code: 'engine-down',
    sentence: `${servers.length === 1 ? 'the only server row' : `none of ${servers.length} server rows`} in noetl.runtime ${servers.length === 1 ? 'has not beaten' : 'has beaten'} for 2m${words}`,
    remedy:
      'start the NoETL server; where its rows are left over from servers that were retired, delete them from noetl.runtime',
    since: newest?.heartbeatAt ?? null,
    until: null,
    count: servers.length,
    names: newestFirst(servers, 'heartbeatAt').slice(0, NAMED).map(nameOf),
  };
}

/** The newest beat that is not of the future, in words that also say what cannot be right. */
function beatsOf(rows: readonly RuntimeRow[], now: EpochMs): { newest: RuntimeRow | null; words: string } {
  const beaten = newestFirst(rows, 'heartbeatAt').filter((row) => row.heartbeatAt !== null);
  const future = beaten.filter((row) => (row.heartbeatAt ?? 0) > now);
  const newest = beaten.find((row) => (row.heartbeatAt ?? 0) <= now) ?? null;
  const never = rows.length - beaten.length;
  const offline = newest?.status?.toLowerCase() === 'offline' ? ' (offline)' : '';
  const words = [
    newest ? `${newest.name}${offline} beat last, ${ago(newest.heartbeatAt ?? now, now)}` : '',
    never > 0 ? `${never} without a heartbeat` : '',
    future.length > 0 ? `${future.length} with a heartbeat of the future (check the clocks)` : '',
  ].filter((part) => part !== '');
  return { newest, words: words.length > 0 ? `; ${words.join('; ')}` : '' };
}

function newestFirst(rows: readonly RuntimeRow[], by: 'heartbeatAt' | 'createdAt'): RuntimeRow[] {
  return [...rows].sort(
    (a, b) => (b[by] ?? Number.NEGATIVE_INFINITY) - (a[by] ?? Number.NEGATIVE_INFINITY) || (a.name < b.name ? -1 : 1),
  );
}

const nameOf = (row: RuntimeRow): string => row.name;

/** Those that hold and were not overridden. */
export const notOverridden = (state: EngineState, despite: readonly ConditionCode[]): Condition[] =>
  state.conditions.filter(({ code }) => !despite.includes(code));
