import type pg from 'pg';
import { arrivals } from './engine/arrivals.js';
import { reapable } from './engine/command-table.js';
import { EventLog } from './engine/event-log.js';
import { Executions } from './engine/executions.js';
import type { History } from './engine/history.js';
import { IdSource } from './engine/id-source.js';
import { LiveEngine } from './engine/live-engine.js';
import { pause, repeat } from './engine/pause.js';
import { seededRandom } from './engine/random.js';
import { RuntimeTable } from './engine/runtime-table.js';
import { isOutage } from './outage.js';

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
