import type pg from 'pg';
import { arrivals } from './engine/arrivals.js';
import { EventLog } from './engine/event-log.js';
import { Executions } from './engine/executions.js';
import type { History } from './engine/history.js';
import { IdSource } from './engine/id-source.js';
import { LiveEngine } from './engine/live-engine.js';
import { repeat } from './engine/pause.js';
import { seededRandom } from './engine/random.js';
import { LIVE_WORKERS } from './engine/workers.js';
import { quoteIdentifier } from './schema.js';

/** How often, in milliseconds, workers beat, look at waiting commands, and look for cancels. */
const HEARTBEAT_EVERY = 15_000;
const DISPATCH_EVERY = 500;
const NOTICE_EVERY = 1_000;

/**
 * Lets a demo go on from its history until the signal aborts. Nothing here keeps the process alive, and nothing throws:
 * when the database is gone, the demo simply stands still.
 */
export function goLive(
  pool: pg.Pool,
  options: { schema: string; seed: number; history: History; signal: AbortSignal },
): LiveEngine {
  const { schema, seed, history, signal } = options;
  const ids = new IdSource();
  const random = seededRandom(seed).fork('live');
  const log = new EventLog(pool, schema, ids);
  const engine = new LiveEngine({ log, executions: new Executions(ids, history.catalogIds), random, signal });
  for (const tree of history.live) engine.adopt(tree);
  const names = LIVE_WORKERS.map((worker) => worker.name);
  const beat = `UPDATE ${quoteIdentifier(schema)}.runtime SET heartbeat = now(), updated_at = now()
    WHERE name = ANY($1) OR kind = 'server_api'`;
  void repeat(HEARTBEAT_EVERY, signal, async () => {
    await pool.query(beat, [names]);
  });
  void repeat(DISPATCH_EVERY, signal, () => engine.dispatch());
  void repeat(NOTICE_EVERY, signal, () => engine.noticeCancels());
  void repeat(NOTICE_EVERY, signal, () => arrivals(engine, random.fork('arrivals'), signal));
  return engine;
}
