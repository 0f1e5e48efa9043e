import { createServices, type Services } from '../service/use-cases.js';
import type { ConnectionSettings } from '../store/connection/settings.js';
import type { EventStore } from '../store/event-store.js';
import { openPostgresEventStore } from '../store/postgres-event-store.js';
import type { ShardedSettings } from '../store/shards/sharded-event-store.js';
import { visibleText } from '../text/visible-text.js';
import type { Flags } from './args/parsed-flags.js';
import { UsageError } from './args/usage-error.js';
import type { OpenOptions } from './command.js';
import { type CancelRoute, cancelRouteOf, TABLE_ROUTE } from './config/cancel-route.js';
import { type ConfigFile, type Profile, readConfigFile } from './config/config-file.js';
import { findConnection, NoConnectionError, settingsOfUrl } from './config/connection-settings.js';
import { osUser } from './config/environment.js';
import { type Layers, readOnlyBy } from './config/layers.js';
import type { Terminal } from './output/terminal.js';

/** What a command works with for its time. */
export interface Session {
  readonly services: Services;
  /** Of the one database, or of the first shard. */
  readonly settings: ConnectionSettings;
  /** Null where there is one database. */
  readonly shards: ShardedSettings | null;
  /** What named the connection, as `doctor` shows it. */
  readonly source: string;
  /** Where this run's settings come from. */
  readonly layers: Layers;
  /** Which way cancels are written. */
  readonly route: CancelRoute;
  /** The store refuses every write. */
  readonly readOnly: boolean;
  /** Null on a configured database. */
  readonly demo: {
    /** True for a demo that ends with this command; false for one that runs in another terminal. */
    readonly startedHere: boolean;
    readonly url: string;
  } | null;
  /** Lets --demo in other terminals find a demo that was started here; answers how to take that back. */
  announceDemo(): Promise<() => void>;
  close(): Promise<void>;
}

const NOTHING_ANNOUNCED = async () => () => {};

export interface SessionRequest extends OpenOptions {
  readonly flags: Flags;
  readonly env: NodeJS.ProcessEnv;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

/** @throws ConfigurationError, UsageError; what the demo throws when it cannot start. Connects at the first question. */
export async function openSession(request: SessionRequest): Promise<Session> {
  const { flags, env, terminal } = request;
  const databaseUrl = request.databaseUrl ?? flags.text('database-url');
  let read: Promise<ConfigFile> | null = null;
  const readFile = () => {
    read ??= readConfigFile(env);
    return read;
  };
  if (flags.on('demo')) {
    for (const name of ['database-url', 'profile', 'server']) {
      if (flags.has(name)) throw new UsageError(`--demo and --${name} exclude one another`);
    }
    return openDemoSession(request, await readFile());
  }
  const named = { databaseUrl, profile: flags.text('profile'), schema: flags.text('schema') };
  const found = await findConnection(env, named, osUser(), readFile);
  const file = await readFile();
  for (const problem of problemsOf(file, found?.profile ?? null))
    terminal.note(`noetl-console: ${visibleText(problem)}`);
  if (!found) {
    if (request.demoWithoutConnection) return openDemoSession(request, file);
    throw new NoConnectionError();
  }
  for (const name of ['seed', 'demo-dir']) {
    if (flags.has(name)) throw new UsageError(`--${name} needs --demo`);
  }
  const { source, profile } = found;
  const layers = { flags, env, profile, file };
  const readOnly = readOnlyBy(layers, flags) !== null;
  const access = { readOnly, isBrief: request.isLasting !== true };
  const settings = { ...found.settings, ...access };
  const shards = found.shards && withAccess(found.shards, access);
  const route = await cancelRouteOf(layers);
  const store = shards
    ? (await import('../store/shards/sharded-event-store.js')).openShardedEventStore(shards)
    : openPostgresEventStore(settings);
  const services = await servicesOn(store, readOnly, route);
  return {
    services,
    settings,
    shards,
    source,
    layers,
    route,
    readOnly,
    demo: null,
    announceDemo: NOTHING_ANNOUNCED,
    close: () => services.store.close(),
  };
}

/** What is wrong with the file and does not keep this run from working: the profile in use has been checked. */
function problemsOf(file: ConfigFile, inUse: Profile | null): string[] {
  const others = [...file.profiles].filter(([name]) => name !== inUse?.name);
  return [
    ...(file.refused === null ? [] : [file.refused]),
    ...file.problems,
    ...others.flatMap(([, { problems }]) => problems),
  ];
}

async function openDemoSession(request: SessionRequest, file: ConfigFile): Promise<Session> {
  const { flags, env } = request;
  if (flags.text('via') === 'api') throw new UsageError('--via api needs a server, and the demo has none');
  const { announceDemo, demoForCommand } = await import('./demo-session.js');
  const demo = await demoForCommand(request);
  const layers = { flags, env, profile: null, file };
  const readOnly = readOnlyBy(layers, flags) !== null;
  const settings = { ...settingsOfUrl(demo.url, demo.schema, osUser()), readOnly };
  const services = createServices(openPostgresEventStore(settings));
  return {
    services,
    settings,
    shards: null,
    source: 'the demo',
    layers,
    route: TABLE_ROUTE,
    readOnly,
    demo: { startedHere: demo.startedHere, url: demo.url },
    announceDemo: async () => (demo.startedHere ? await announceDemo(demo) : null) ?? (() => {}),
    close: async () => {
      await services.store.close();
      await demo.stop();
    },
  };
}

const withAccess = (
  { shards, cluster }: ShardedSettings,
  access: Pick<ConnectionSettings, 'readOnly' | 'isBrief'>,
): ShardedSettings => ({
  shards: shards.map((each) => ({ ...each, ...access })),
  cluster: cluster && { ...cluster, ...access },
});

/** A read-only session keeps the table's writer, which refuses. */
async function servicesOn(store: EventStore, readOnly: boolean, route: CancelRoute): Promise<Services> {
  if (route.via === 'table' || readOnly) return createServices(store);
  const { openServerWriter } = await import('../noetl-server/address.js');
  return createServices(store, openServerWriter(route.server, store));
}
