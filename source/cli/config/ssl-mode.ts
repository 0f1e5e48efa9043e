import { readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { isLoopback } from '../../domain/loopback.js';
import type { ConnectionSettings } from '../../store/connection/settings.js';
import { nearWord } from '../../text/words.js';
import { ConfigurationError } from '../args/usage-error.js';

/** libpq's `sslmode`. */
export const SSL_MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
export type SslMode = (typeof SSL_MODES)[number];

/** Files for TLS, by path; each as libpq's parameter of that name. */
export interface TlsFiles {
  /** Whom to trust; `system` means the authorities that Node.js trusts. */
  readonly sslRootCert?: string | undefined;
  readonly sslCert?: string | undefined;
  readonly sslKey?: string | undefined;
}

/** @throws ConfigurationError naming where the wrong word stood. */
export function parseSslMode(text: string, where: string): SslMode {
  const mode = SSL_MODES.find((each) => each === text);
  if (mode) return mode;
  // What is nothing like a mode may be a secret that slipped.
  const named = nearWord(text, SSL_MODES) ? ` ${JSON.stringify(text)}` : ' this mode';
  throw new ConfigurationError(`${where} does not know${named}: one of ${SSL_MODES.join(', ')}`);
}

type Tls = Pick<ConnectionSettings, 'ssl' | 'sslOptional'>;

/**
 * What a mode means to node-postgres, as libpq means it: `require` encrypts without checking the certificate (but with a
 * root certificate it is `verify-ca`), `verify-ca` checks who signed it, `verify-full` also whom it names. `prefer`, the
 * default, encrypts where the server can; on this machine itself it does not ask, which spares every command a round trip
 * and protects nothing less. `allow` is taken as `prefer`: no less safe, and it reaches every server that `allow` reaches.
 * Without a root certificate the verifying modes trust `~/.postgresql/root.crt`, and without that file what Node.js trusts.
 * Source: PostgreSQL documentation, "SSL Support", table "SSL Mode Descriptions".
 *
 * @throws ConfigurationError for a file that cannot be read, or a private key that others may read.
 */
export function tlsSettings(mode: SslMode | undefined, host: string, files: TlsFiles = {}): Tls {
  // PostgreSQL never speaks TLS on a Unix socket, whatever was asked for.
  const hasFiles = files.sslRootCert !== undefined || files.sslCert !== undefined;
  const isLocal = mode === undefined && isLoopback(host) && !hasFiles;
  if (mode === 'disable' || host.startsWith('/') || isLocal) return { ssl: false };
  const own = clientCertificate(files);
  const verifies = mode === 'verify-ca' || mode === 'verify-full' || (mode === 'require' && files.sslRootCert);
  if (!verifies) {
    const ssl = { rejectUnauthorized: false, ...own };
    return mode === 'require' ? { ssl } : { ssl, sslOptional: true };
  }
  const ca = rootCertificate(files.sslRootCert);
  const ssl = { rejectUnauthorized: true, ...own, ...(ca === undefined ? {} : { ca }) };
  return mode === 'verify-full' ? { ssl } : { ssl: { ...ssl, checkServerIdentity: () => undefined } };
}

function rootCertificate(path: string | undefined): string | undefined {
  if (path === 'system') return undefined;
  if (path !== undefined) return readTlsFile(path, 'sslrootcert');
  try {
    return readFileSync(join(homedir(), '.postgresql', 'root.crt'), 'utf8');
  } catch {
    return undefined;
  }
}

function clientCertificate({ sslCert, sslKey }: TlsFiles): { cert: string; key: string } | undefined {
  if (sslCert === undefined && sslKey === undefined) return undefined;
  if (sslCert === undefined) throw new ConfigurationError('sslkey needs sslcert: name the certificate of that key too');
  if (sslKey === undefined)
    throw new ConfigurationError('sslcert needs sslkey: name the private key of that certificate too');
  const key = readTlsFile(sslKey, 'sslkey');
  const { mode, uid } = statSync(untilded(sslKey));
  // As libpq: a key of root's may be readable by its group.
  if ((mode & (uid === 0 ? 0o037 : 0o077)) !== 0) {
    throw new ConfigurationError(`sslkey ${sslKey} may be read by others: run chmod 600 on it`);
  }
  return { cert: readTlsFile(sslCert, 'sslcert'), key };
}

function readTlsFile(path: string, name: string): string {
  try {
    return readFileSync(untilded(path), 'utf8');
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'does not exist' : (error as Error).message;
    throw new ConfigurationError(`${name} ${path} cannot be read: it ${why}`);
  }
}

const untilded = (path: string): string => (path.startsWith('~/') ? join(homedir(), path.slice(2)) : path);
