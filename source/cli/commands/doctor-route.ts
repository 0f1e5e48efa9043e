import type { EngineState } from '../../domain/conditions/conditions.js';
import type { Check } from '../../service/doctor.js';
import { checkRoute, type ServerFinding } from '../../service/doctor-route.js';
import { StoreError } from '../../store/errors.js';
import { readLogFacts } from '../../store/inspection.js';
import { ConfigurationError } from '../args/usage-error.js';
import type { ServerRoute } from '../config/cancel-route.js';
import type { Session } from '../open-services.js';

/** Which way cancels go, whether that works, and whether it is the right one here. */
export async function routeChecks(
  { route, settings, services }: Session,
  engine: EngineState,
  signal: AbortSignal,
): Promise<Check[]> {
  const [log, server] = await Promise.all([
    readLogFacts(settings, signal),
    route.server === null ? null : findServer(route.server, services, signal),
  ]);
  const isLogBehind = engine.conditions.some((condition) => condition.code === 'log-behind');
  return checkRoute({ via: route.via, from: route.from, server, log, isLogBehind });
}

async function findServer(
  route: ServerRoute,
  { store }: Session['services'],
  signal: AbortSignal,
): Promise<ServerFinding> {
  const [{ openServer }, { inspectServer }] = await Promise.all([
    import('../../noetl-server/address.js'),
    import('../../noetl-server/probe.js'),
  ]);
  const { executions } = await store.recentExecutions({ status: 'RUNNING', limit: 1 }, { signal });
  try {
    const { url, server, sight } = await inspectServer(openServer(route), executions[0]?.executionId ?? null);
    return { ok: true, url, kind: server.kind, version: server.version, sight };
  } catch (error) {
    if (error instanceof StoreError || error instanceof ConfigurationError)
      return { ok: false, problem: error.message };
    throw error;
  }
}
