import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';

const PROGRAM = ['/usr/sbin/pgbouncer', '/usr/bin/pgbouncer', '/usr/local/bin/pgbouncer'].find((path) =>
  existsSync(path),
);

/** False on a machine without PgBouncer (Debian's package `pgbouncer`): tests say so and are skipped. */
export const hasPgBouncer = PROGRAM !== undefined;

export interface PgBouncer {
  /** The database behind the pooler. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * PgBouncer in transaction mode before a database, with few server connections, so that clients do share them.
 * @throws when it does not listen within five seconds
 */
export async function pgBouncer(databaseUrl: string, serverConnections = 2): Promise<PgBouncer> {
  if (PROGRAM === undefined) throw new Error('PgBouncer is not installed');
  const target = new URL(databaseUrl);
  const database = target.pathname.slice(1);
  const port = await freePort();
  const folder = mkdtempSync('/tmp/noetl-pgbouncer-');
  chmodSync(folder, 0o755);
  writeFileSync(
    join(folder, 'pgbouncer.ini'),
    `[databases]
${database} = host=${target.hostname} port=${target.port} user=${decodeURIComponent(target.username)} password=${decodeURIComponent(target.password)} dbname=${database}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = ${serverConnections}
ignore_startup_parameters = extra_float_digits,options
`,
  );
  // PgBouncer refuses to run as root.
  const asOther = process.getuid?.() === 0 ? { uid: idOf('nobody', 'u'), gid: idOf('nobody', 'g') } : {};
  const child = spawn(PROGRAM, ['-q', join(folder, 'pgbouncer.ini')], { stdio: 'ignore', ...asOther });
  const close = async () => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  const url = new URL(databaseUrl);
  url.port = String(port);
  const deadline = Date.now() + 5000;
  while (!(await answers(port))) {
    if (Date.now() > deadline) {
      await close();
      throw new Error('PgBouncer does not listen');
    }
  }
  return { url: url.href, close };
}

const idOf = (user: string, of: 'u' | 'g'): number => Number(execFileSync('id', [`-${of}`, user]).toString());

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== 'object' || address === null) throw new Error('no free port');
  return address.port;
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const done = (result: boolean) => {
      socket.destroy();
      setTimeout(() => resolve(result), result ? 0 : 50);
    };
    socket.on('connect', () => done(true));
    socket.on('error', () => done(false));
  });
