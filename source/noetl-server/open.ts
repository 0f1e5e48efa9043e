import type { CancelWriter } from '../store/cancellations/cancel-writer.js';
import type { CancelStateReader } from '../store/cancellations/records.js';
import type { ServerAddress } from './address.js';
import { serverCancelWriter } from './cancel-writer.js';
import { createServerClient, type ServerClient } from './client.js';

/** A cancel is two small writes; a server that takes longer than this is hung. */
const CALL_TIMEOUT_MS = 10_000;

export interface ServerConnection {
  readonly address: ServerAddress;
  token(): Promise<string | null>;
}

/** A client with the console's own time limit. Connects at the first call. */
export const openServer = ({ address, token }: ServerConnection): ServerClient =>
  createServerClient({ address, token, timeoutMs: CALL_TIMEOUT_MS });

export const openServerWriter = (server: ServerConnection, store: CancelStateReader): CancelWriter =>
  serverCancelWriter({ client: openServer(server), store });
