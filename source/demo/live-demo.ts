import type pg from 'pg';
import { reapable } from './engine/command-table.js';
import { EventLog } from './engine/event-log.js';
import { IdSource } from './engine/event-row.js';
import { Executions } from './engine/execution-run.js';
import type { History } from './engine/history.js';
import { LiveEngine } from './engine/live-engine.js';
import { pause, repeat } from './engine/pause.js';
import type { Fate } from './engine/playbook.js';
import { HEALTHY_PATHS, playbookAt, RUNAWAY_PATH } from './engine/playbooks.js';
import { type Random, seededRandom } from './engine/random.js';
import { RuntimeTable } from './engine/workers.js';
import { isOutage } from './outage.js';

const MINUTE = 60_000;
/** So many seconds pass between two new executions, and none starts while so many roots live. */
const EVERY_SECONDS = [3, 9] as const;
const MAX_LIVE_ROOTS = 60;
/** A new execution in so many fails. */
const FAILING = 1 / 12;
/** One is never finalised in so much time, so that the Stale view's `finalizing` does not run dry. */
const SILENCE_EVERY = 20 * MINUTE;
/** A cancelled runaway comes back after so much time: somebody always forgets the fix. */
const RUNAWAY_RETURNS_AFTER = 5 * MINUTE;

/** Starts new executions until the signal aborts. */
async function arrivals(engine: LiveEngine, random: Random, signal: AbortSignal): Promise<void> {
  let silencedAt = Date.now();
  let runawaySeenAt = Date.now();
  while (!signal.aborted) {
    await pause(random.between(...EVERY_SECONDS) * 1000, signal);
    const now = Date.now();
    if (engine.isRunning(RUNAWAY_PATH)) runawaySeenAt = now;
    if (engine.liveRoots >= MAX_LIVE_ROOTS) continue;
    if (now - runawaySeenAt > RUNAWAY_RETURNS_AFTER) {
      runawaySeenAt = now;
      await engine.start(RUNAWAY_PATH, [{ kind: 'endless', path: RUNAWAY_PATH, step: 'reconcile' }]);
    }
    const path = random.pick(HEALTHY_PATHS);
    const steps = playbookAt(path).steps;
    const last = steps.at(-1);
    const fates: Fate[] = [];
    if (last && last.iterations === undefined && now - silencedAt > SILENCE_EVERY) {
      silencedAt = now;
      fates.push({ kind: 'silence', path, step: last.name });
    } else if (random.chance(FAILING)) fates.push({ kind: 'fail', path, step: random.pick(steps).name });
    await engine.start(path, fates);
  }
}

/** How often, in milliseconds, workers beat, look at waiting commands, and look for cancels. */
const HEARTBEAT_EVERY = 15_000;
const DISPATCH_EVERY = 500;
const NOTICE_EVERY = 1_000;
/** How often the server's own recovery runs: its leases beat, and its reaper hands commands on. */
export const RECOVERY_EVERY = 60_000;

export interface LiveDemoOptions {
  readonly schema: string;
  readonly seed: number;
  readonly history: History;
  readonly signal: AbortSignal;
  /** A cycle of the server's recovery in milliseconds; RECOVERY_EVERY unless set. */
  readonly recoveryEveryMs?: number;
}

/**
 * Lets a demo go on from its history until the signal aborts. Nothing here keeps the process alive, and nothing throws:
 * when the database is gone, the demo simply stands still.
 */
export function goLive(pool: pg.Pool, options: LiveDemoOptions): LiveEngine {
  const { schema, seed, history, signal, recoveryEveryMs = RECOVERY_EVERY } = options;
  const ids = new IdSource();
  const random = seededRandom(seed).fork('live');
  const log = new EventLog(pool, schema, ids);
  const engine = new LiveEngine({ log, executions: new Executions(ids, history.catalogIds), random, signal });
  for (const tree of history.live) engine.adopt(tree);
  const runtime = new RuntimeTable(pool, schema);
  void repeat(HEARTBEAT_EVERY, signal, () => runtime.beat(engine.workers));
  const recover = async () => {
    await runtime.beatLeases();
    engine.handOn(await reapable(pool, schema));
  };
  void repeat(Math.min(HEARTBEAT_EVERY, recoveryEveryMs), signal, () => runtime.sweep());
  // The history ends within a cycle: what was lost just before it is handed on by the next.
  pause(recoveryEveryMs, signal).then(
    () => repeat(recoveryEveryMs, signal, recover),
    () => {},
  );
  void repeat(DISPATCH_EVERY, signal, () => engine.dispatch());
  void repeat(NOTICE_EVERY, signal, () => engine.noticeCancels());
  void repeat(NOTICE_EVERY, signal, async () => {
    if (await isOutage(pool)) engine.killWorkers();
    else if (engine.workers.length === 0) {
      engine.restartWorkers();
      await runtime.register(engine.workers);
    }
  });
  void repeat(NOTICE_EVERY, signal, () => arrivals(engine, random.fork('arrivals'), signal));
  return engine;
}
