import type { EngineState } from '../../domain/conditions/conditions.js';
import { type Check, checkDatabase, checkEngine, checkRouting, checkWorkers } from '../../service/doctor.js';
import { checkRoute, type ServerFinding } from '../../service/doctor-route.js';
import type { ConnectionSettings } from '../../store/connection/settings.js';
import { StoreError } from '../../store/errors.js';
import { inspectDatabase, readLogFacts } from '../../store/inspection.js';
import type { ShardedSettings } from '../../store/shards/sharded-event-store.js';
import { visibleJson, visibleText } from '../../text/visible-text.js';
import { ConfigurationError } from '../args/usage-error.js';
import type { CommandContext } from '../command.js';
import type { ServerRoute } from '../config/cancel-route.js';
import { ENVIRONMENT_VARIABLES } from '../config/environment-variables.js';
import { SETTINGS, type SettingName, settingOf } from '../config/layers.js';
import type { Session } from '../open-services.js';
import { EXIT } from '../output/exit-code.js';

const SIGNS = { ok: '✓', warning: '!', problem: '✗' } as const;
const NAME_WIDTH = 18;

/** `doctor`: what works, and what to fix; exit 1 when something must be fixed before anything works. */
export async function run(context: CommandContext): Promise<number> {
  const { flags, terminal } = context;
  const session = await context.open();
  const { connection, shards } = session.services.store;
  for (const { user, host, port, database } of shards?.databases.map((each) => each.connection) ?? [connection])
    terminal.note(visibleText(`Checking ${user}@${host}:${port}/${database}`));
  terminal.note(`  connection from ${visibleText(session.source)}`);
  for (const name of Object.keys(SETTINGS) as SettingName[]) {
    const found = settingOf(name, session.layers);
    if (found) terminal.note(`  ${name} ${visibleText(String(found.value))} from ${visibleText(found.from)}`);
  }
  const given = ENVIRONMENT_VARIABLES.filter(({ name }) => (context.env[name] ?? '') !== '').map(({ name }) => name);
  // Names only: a value may be a password.
  if (given.length > 0) terminal.note(`  set in the environment: ${given.join(', ')}`);
  const checks = await (session.shards
    ? shardedChecks(session, session.shards, context.signal)
    : runChecks(session, context.signal));
  for (const check of checks) {
    if (flags.isJson) terminal.print(visibleJson(check));
    else for (const line of checkLines(check, context)) terminal.print(line);
  }
  return checks.some((check) => check.level === 'problem') ? EXIT.failed : EXIT.done;
}

async function runChecks(session: Session, signal: AbortSignal): Promise<Check[]> {
  const { settings, services } = session;
  try {
    const { facts, checks, usable } = await databaseChecks(settings, signal);
    if (!usable) return checks;
    const workers = checkWorkers(await services.store.workers({ signal }), facts.server.clock);
    const engine = await services.conditions.read({ signal });
    return [...checks, workers, ...checkEngine(engine), ...(await routeChecks(session, engine, signal))];
  } catch (error) {
    if (!(error instanceof StoreError) || error.kind === 'aborted') throw error;
    return [{ name: 'connection', level: 'problem', finding: error.message, remedy: null }];
  }
}

/** What one database is like, and whether more can be asked of it. Throws StoreError. */
export async function databaseChecks(settings: ConnectionSettings, signal: AbortSignal) {
  const facts = await inspectDatabase(settings, signal);
  const checks = checkDatabase(facts, settings.schema, settings.user);
  const isReadable = facts.tables.some((table) => table.name === 'event' && table.canSelect);
  return { facts, checks, usable: isReadable && !checks.some((check) => check.level === 'problem') };
}

function checkLines({ name, level, finding, remedy, shard }: Check, { terminal: { style } }: CommandContext): string[] {
  const paint = { ok: style.green, warning: style.yellow, problem: style.red }[level];
  const of = shard === undefined ? '' : `${shard}: `;
  const line = `${paint(SIGNS[level])} ${name.padEnd(NAME_WIDTH)}${visibleText(of + finding)}`;
  return remedy === null ? [line] : [line, `  ${' '.repeat(NAME_WIDTH)}${style.dim(`→ ${visibleText(remedy)}`)}`];
}

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

/** Executions of each shard that are looked at to check the order of the list. */
const SAMPLE = 100;
/** What the cluster's database need not have: no event is there. */
const OF_EVENTS: ReadonlySet<Check['name']> = new Set<Check['name']>(['schema', 'privileges', 'indexes']);

/** The checks of every database of a sharded installation, and then of all together. */
async function shardedChecks(
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
