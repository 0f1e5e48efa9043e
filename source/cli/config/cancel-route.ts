import type { ServerAddress } from '../../noetl-server/address.js';
import { ConfigurationError } from '../args/usage-error.js';
import { type Layered, type Layers, settingOf } from './layers.js';

/** Which way cancels are written, and what said so. */
export type CancelRoute =
  | { readonly via: 'table'; readonly from: string; readonly server: ServerRoute | null }
  | { readonly via: 'api'; readonly from: string; readonly server: ServerRoute };

export interface ServerRoute {
  readonly address: ServerAddress;
  readonly from: string;
  /** The bearer token, null for none. Runs the profile's token_command. */
  token(): Promise<string | null>;
}

const DEFAULT = 'the default';

/** What works without any setting, and on the demo. */
export const TABLE_ROUTE: CancelRoute = { via: 'table', from: DEFAULT, server: null };

/**
 * `--via` and `--server` with all that stands for them elsewhere. Without `via`, or with `auto`: through the server where
 * one is configured, else by the table. The noetl CLI's own context counts only where `api` was asked for: it need not
 * belong to the database that is connected.
 *
 * @throws ConfigurationError where there is no server to go through, or its URL cannot be used.
 */
export async function cancelRouteOf(layers: Layers): Promise<CancelRoute> {
  const via = settingOf('via', layers);
  const server = settingOf('server', layers);
  const isAsked = server?.from === '--server' && via?.from !== '--via' && via?.from !== 'NOETL_CONSOLE_VIA';
  const wanted = via === null || isAsked ? 'auto' : via.value;
  if (wanted === 'auto' && server === null) return { via: 'table', from: via?.from ?? DEFAULT, server: null };
  if (wanted === 'table') {
    return {
      via: 'table',
      from: via?.from ?? DEFAULT,
      server: server === null ? null : await serverRoute(server, layers),
    };
  }
  const named = server ?? (await serverOfCli());
  const from = via === null || isAsked ? named.from : via.from;
  return { via: 'api', from, server: await serverRoute(named, layers) };
}

async function serverOfCli(): Promise<Layered<string>> {
  const { readCliContext } = await import('./noetl-cli-context.js');
  const context = await readCliContext();
  if (context?.server) return { value: context.server, from: context.from };
  throw new ConfigurationError(
    'cancelling through the server needs its URL: --server URL, server in the profile, NOETL_CONSOLE_SERVER, or a context of the noetl CLI with server_url',
  );
}

async function serverRoute({ value, from }: Layered<string>, layers: Layers): Promise<ServerRoute> {
  const { readAddress } = await import('../../noetl-server/address.js');
  const read = readAddress(value);
  if (!read.ok) throw new ConfigurationError(`the server's URL from ${from} ${read.problem}`);
  const { address } = read;
  return { address, from, token: () => tokenFor(address, layers) };
}

/** The profile's command, else NOETL_SESSION_TOKEN, else the noetl CLI's token where its context is of this server. */
async function tokenFor(address: ServerAddress, layers: Layers): Promise<string | null> {
  const { readAddress, readToken } = await import('../../noetl-server/address.js');
  const checked = (text: string, from: string): string => {
    const read = readToken(text);
    if (!read.ok) throw new ConfigurationError(`the token from ${from} ${read.problem}`);
    return read.token;
  };
  const { profile, env } = layers;
  const command = profile?.content.token_command;
  if (command !== undefined) {
    const { firstLineOf } = await import('./command-output.js');
    const where = `token_command of profile ${profile?.name}`;
    return checked(await firstLineOf(command, where), where);
  }
  if (env.NOETL_SESSION_TOKEN?.trim()) return checked(env.NOETL_SESSION_TOKEN, 'NOETL_SESSION_TOKEN');
  // A file that cannot be read holds no token for this server either.
  const { readCliContext } = await import('./noetl-cli-context.js');
  const context = await readCliContext().catch(() => null);
  if (!context?.server || context.token === null) return null;
  const theirs = readAddress(context.server);
  return theirs.ok && theirs.address.url === address.url ? checked(context.token, context.from) : null;
}
