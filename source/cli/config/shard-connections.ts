import type { ConnectionSettings } from '../../store/connection/settings.js';
import type { ShardedSettings } from '../../store/shards/sharded-event-store.js';
import { ConfigurationError } from '../args/usage-error.js';
import type { ConnectionParts } from './connection-url.js';
import type { Environment } from './environment.js';
import type { Profile } from './profile.js';
import { parseShardList } from './shard-list.js';
import { parseSslMode, type TlsFiles } from './ssl-mode.js';

type Complete = (parts: ConnectionParts) => ConnectionSettings;

/** How many shards hold an id is a number modulo theirs: more than this is a slip of the hand. */
const MOST_SHARDS = 1024;

/** The databases that NOETL_SHARDS and NOETL_CLUSTER_DSN name; null where the first is not set. @throws ConfigurationError */
export function shardsOfEnvironment(env: Environment, complete: Complete): ShardedSettings | null {
  if (!env.NOETL_SHARDS) return null;
  const tls: TlsFiles = {
    sslRootCert: env.PGSSLROOTCERT || undefined,
    sslCert: env.PGSSLCERT || undefined,
    sslKey: env.PGSSLKEY || undefined,
  };
  const sslMode = env.PGSSLMODE ? parseSslMode(env.PGSSLMODE, 'PGSSLMODE') : undefined;
  const finish = (parts: ConnectionParts) => complete({ ...parts, sslMode, tls });
  return {
    shards: shardsIn(env.NOETL_SHARDS, 'NOETL_SHARDS').map(finish),
    cluster: env.NOETL_CLUSTER_DSN ? finish(clusterIn(env.NOETL_CLUSTER_DSN, 'NOETL_CLUSTER_DSN')) : null,
  };
}

/**
 * The databases of a profile with `shards`. Its `password_command` and TLS settings hold for each of them; what names one
 * database does not go with it.
 *
 * @param password the password of shards that name none
 * @throws ConfigurationError
 */
export async function shardsOfProfile(
  { name, content }: Profile,
  complete: Complete,
  password: () => Promise<string | undefined>,
): Promise<ShardedSettings> {
  const where = `profile ${name}`;
  if (content.shards === undefined) throw new ConfigurationError(`cluster of ${where} needs shards`);
  for (const other of ['url', 'host', 'port', 'user', 'password', 'database', 'service'] as const) {
    if (content[other] !== undefined)
      throw new ConfigurationError(`${where} has both shards and ${other}: leave one out`);
  }
  const shards = shardsIn(content.shards, `shards of ${where}`);
  const cluster = content.cluster === undefined ? null : clusterIn(content.cluster, `cluster of ${where}`);
  const isOpen = [...shards, ...(cluster ? [cluster] : [])].some((parts) => parts.password === undefined);
  const shared = isOpen ? await password() : undefined;
  const sslMode = content.sslmode === undefined ? undefined : parseSslMode(content.sslmode, `sslmode of ${where}`);
  const tls: TlsFiles = { sslRootCert: content.sslrootcert, sslCert: content.sslcert, sslKey: content.sslkey };
  const finish = (parts: ConnectionParts) => complete({ ...parts, password: parts.password ?? shared, sslMode, tls });
  return { shards: shards.map(finish), cluster: cluster === null ? null : finish(cluster) };
}

function shardsIn(list: string, where: string): ConnectionParts[] {
  const shards = parseShardList(list, where);
  if (shards.length > MOST_SHARDS) throw new ConfigurationError(`${where} names more than ${MOST_SHARDS} shards`);
  return shards;
}

function clusterIn(text: string, where: string): ConnectionParts {
  const [cluster, ...others] = parseShardList(text, where);
  if (!cluster || others.length > 0) throw new ConfigurationError(`${where} names more than one database`);
  return cluster;
}
