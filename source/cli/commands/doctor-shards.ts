import { type Check, checkEngine, checkRouting, checkWorkers } from '../../service/doctor.js';
import type { ConnectionSettings } from '../../store/connection/settings.js';
import { StoreError } from '../../store/errors.js';
import type { ShardedSettings } from '../../store/shards/sharded-event-store.js';
import type { Session } from '../open-services.js';
import { databaseChecks } from './doctor.js';
import { routeChecks } from './doctor-route.js';

/** Executions of each shard that are looked at to check the order of the list. */
const SAMPLE = 100;
/** What the cluster's database need not have: no event is there. */
const OF_EVENTS: ReadonlySet<Check['name']> = new Set<Check['name']>(['schema', 'privileges', 'indexes']);

/** The checks of every database of a sharded installation, and then of all together. */
export async function shardedChecks(
  session: Session,
  { shards, cluster }: ShardedSettings,
  signal: AbortSignal,
): Promise<Check[]> {
  const { store, conditions } = session.services;
  const found = await Promise.all([
    ...shards.map((settings, shard) => checksOf(settings, `shard ${shard}`, signal)),
    ...(cluster ? [checksOf(cluster, 'cluster', signal)] : []),
  ]);
  const checks = found.flatMap((each, at) =>
    at < shards.length ? each.checks : each.checks.filter(({ name }) => !OF_EVENTS.has(name)),
  );
  const usable = found.slice(0, shards.length).filter((each) => each.usable).length;
  if (usable === 0) return checks;
  const view = store.shards;
  const routing = view ? [checkRouting(await view.newestOnEach(SAMPLE, { signal }), view.shardOf)] : [];
  const engine = await conditions.read({ signal });
  const workers = checkWorkers(await store.workers({ signal }), engine.asOf);
  const route = usable < shards.length ? [] : await routeChecks(session, engine, signal);
  return [...checks, ...routing, workers, ...checkEngine(engine), ...route];
}

async function checksOf(settings: ConnectionSettings, shard: string, signal: AbortSignal) {
  try {
    const { checks, usable } = await databaseChecks(settings, signal);
    return { checks: checks.map((check) => ({ ...check, shard })), usable };
  } catch (error) {
    if (!(error instanceof StoreError) || error.kind === 'aborted') throw error;
    const away: Check = { name: 'connection', level: 'problem', finding: error.message, remedy: null, shard };
    return { checks: [away], usable: false };
  }
}
