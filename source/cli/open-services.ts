import { createServices, type Services } from '../service/use-cases.js';
import type { ConnectionSettings } from '../store/connection/settings.js';
import { openPostgresEventStore } from '../store/postgres-event-store.js';
import type { Flags } from './args/parsed-flags.js';
import { ConfigurationError, UsageError } from './args/usage-error.js';
import { connectionSettings, NO_CONNECTION } from './config/connection-settings.js';
import { isReadOnly } from './config/read-only.js';
import { osUser } from './os-user.js';
import type { Terminal } from './output/terminal.js';

/** What a command works with for its time. */
export interface Session {
  readonly services: Services;
  readonly settings: ConnectionSettings;
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

export interface SessionRequest {
  readonly flags: Flags;
  readonly env: NodeJS.ProcessEnv;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
  /** Start the demo where no connection is configured: the interactive console alone does. */
  readonly demoWithoutConnection?: boolean;
}

/** @throws ConfigurationError, UsageError; what the demo throws when it cannot start. Connects at the first question. */
export async function openSession(request: SessionRequest): Promise<Session> {
  const { flags, env } = request;
  const url = flags.text('database-url');
  if (flags.on('demo')) {
    if (url !== undefined) throw new UsageError('--demo and --database-url exclude one another');
    return openDemoSession(request);
  }
  const found = connectionSettings(env, { databaseUrl: url, schema: flags.text('schema') }, osUser());
  if (!found) {
    if (request.demoWithoutConnection) return openDemoSession(request);
    throw new ConfigurationError(NO_CONNECTION);
  }
  for (const name of ['seed', 'demo-dir']) {
    if (flags.has(name)) throw new UsageError(`--${name} needs --demo`);
  }
  const readOnly = await isReadOnly(flags, env);
  const settings = { ...found, readOnly };
  const services = createServices(openPostgresEventStore(settings));
  return {
    services,
    settings,
    readOnly,
    demo: null,
    announceDemo: NOTHING_ANNOUNCED,
    close: () => services.store.close(),
  };
}

async function openDemoSession(request: SessionRequest): Promise<Session> {
  const { announceDemo, demoForCommand } = await import('./demo-session.js');
  const demo = await demoForCommand(request);
  const found = connectionSettings({}, { databaseUrl: demo.url, schema: demo.schema }, osUser());
  if (!found) throw new ConfigurationError(NO_CONNECTION);
  const readOnly = await isReadOnly(request.flags, request.env);
  const settings = { ...found, readOnly };
  const services = createServices(openPostgresEventStore(settings));
  return {
    services,
    settings,
    readOnly,
    demo: { startedHere: demo.startedHere, url: demo.url },
    announceDemo: async () => (demo.startedHere ? await announceDemo(demo) : null) ?? (() => {}),
    close: async () => {
      await services.store.close();
      await demo.stop();
    },
  };
}
