import { type EngineState, judgeEngine, type WaitingCommands } from '../domain/conditions/conditions.js';
import type { EpochMs, Execution } from '../domain/execution.js';
import type { EventStore, ReadOptions } from '../store/event-store.js';

export type ConditionsStore = Pick<
  EventStore,
  'clock' | 'workers' | 'newestCommands' | 'activeExecutions' | 'recordedFacts' | 'shards'
>;

/** All executions that have not ended, where the caller reads them anyway. */
type ActiveExecutions =
  | { readonly executions: Iterable<Execution> }
  | Promise<{ readonly executions: Iterable<Execution> }>;

export interface ConditionsService {
  /** The state of the engine, read anew, or as it was at most `maxAgeMs` ago. Throws StoreError. */
  read(
    options?: ReadOptions & { readonly maxAgeMs?: number; readonly active?: ActiveExecutions },
  ): Promise<EngineState>;
}

/** Executions whose commands are read in one go, those that moved last first: the first ones usually settle it. */
const EXECUTIONS_A_READ = 200;
/** Once a command that waits was found, no further executions than these are read to count them. */
const EXECUTIONS_COUNTED = 1000;

/**
 * Reads what the conditions rest on. Two small reads (noetl.runtime and the newest rows of noetl.command); the commands
 * that wait are read only where no worker is alive.
 */
export function createConditionsService(store: ConditionsStore): ConditionsService {
  let withoutWorkersAt: EpochMs | null = null;
  let shared: Promise<EngineState> | null = null;
  let latest: { readonly state: EngineState; readonly readAt: number } | null = null;

  async function read({ active, ...options }: ReadOptions & { active?: ActiveExecutions }): Promise<EngineState> {
    const [now, runtime, commands] = await Promise.all([
      store.clock(options),
      store.workers(options),
      store.newestCommands(options),
    ]);
    const facts = { runtime, commands, waiting: null, withoutWorkersAt, gaps: store.shards?.gaps() ?? [] };
    const state = judgeEngine(facts, now);
    if (state.workers === null || state.workers.alive > 0) return state;
    withoutWorkersAt = now;
    return judgeEngine({ ...facts, waiting: await waitingCommands(store, options, active) }, now);
  }

  async function readNow(options: ReadOptions & { active?: ActiveExecutions }): Promise<EngineState> {
    const state = await read(options);
    latest = { state, readAt: performance.now() };
    return state;
  }

  return {
    async read({ maxAgeMs = 0, ...options } = {}) {
      if (latest && performance.now() - latest.readAt < maxAgeMs) return latest.state;
      // One who can stop its read, or wants it to begin now, does not share it.
      if (maxAgeMs === 0 || options.signal) return readNow(options);
      shared ??= readNow(options).finally(() => {
        shared = null;
      });
      return shared;
    },
  };
}

/** Outstanding commands of what has not ended, whoever holds them: without a live worker all of them wait. */
async function waitingCommands(
  store: ConditionsStore,
  options: ReadOptions,
  active: ActiveExecutions = store.activeExecutions(options),
): Promise<WaitingCommands> {
  const { executions } = await active;
  const ids = [...executions].sort((a, b) => b.lastEvent.at - a.lastEvent.at).map((one) => one.executionId);
  let [unclaimed, held, waitingIn, read] = [0, 0, 0, 0];
  let oldestAt: EpochMs | null = null;
  while (read < ids.length && (waitingIn === 0 || read < EXECUTIONS_COUNTED)) {
    const facts = await store.recordedFacts(ids.slice(read, read + EXECUTIONS_A_READ), options);
    read += EXECUTIONS_A_READ;
    for (const { outstanding } of facts.values()) {
      if (outstanding.length > 0) waitingIn += 1;
      for (const { stage, at } of outstanding) {
        if (stage === 'issued') unclaimed += 1;
        else held += 1;
        oldestAt = Math.min(oldestAt ?? at, at);
      }
    }
  }
  return { unclaimed, held, executions: waitingIn, oldestAt, atLeast: read < ids.length };
}
