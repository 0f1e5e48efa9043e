import { isLoopback } from '../../domain/loopback.js';
import type { ConnectionSettings } from '../../store/settings.js';
import { nearWord } from '../parse/near-word.js';
import { ConfigurationError } from '../usage-error.js';

/** libpq's `sslmode`, except `allow`, which a client that tries without TLS first would need. */
export const SSL_MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
export type SslMode = (typeof SSL_MODES)[number];

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
 * What a mode means to node-postgres, as libpq means it: `require` encrypts without checking the certificate,
 * `verify-ca` checks who signed it, `verify-full` also whom it names. `prefer`, the default, encrypts where the server
 * can; on this machine itself it does not ask, which spares every command a round trip and protects nothing less.
 * `allow` is taken as `prefer`: no less safe, and it reaches every server that `allow` reaches.
 * Source: PostgreSQL documentation, "SSL Support", table "SSL Mode Descriptions".
 */
export function tlsSettings(mode: SslMode | undefined, host: string): Tls {
  // PostgreSQL never speaks TLS on a Unix socket, whatever was asked for.
  if (mode === 'disable' || host.startsWith('/') || (mode === undefined && isLoopback(host))) return { ssl: false };
  switch (mode) {
    case 'require':
      return { ssl: { rejectUnauthorized: false } };
    case 'verify-ca': {
      const ssl = { rejectUnauthorized: true, checkServerIdentity: () => undefined };
      return { ssl };
    }
    case 'verify-full':
      return { ssl: { rejectUnauthorized: true } };
    default:
      return { ssl: { rejectUnauthorized: false }, sslOptional: true };
  }
}
