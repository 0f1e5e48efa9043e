import type { CancelWriter } from '../store/cancellations/cancel-writer.js';
import type { CancelStateReader } from '../store/cancellations/records.js';
import { serverCancelWriter } from './cancel-writer.js';
import { createServerClient, type ServerClient } from './client.js';

/** Where a NoETL server listens. */
export interface ServerAddress {
  /** As it is shown: never with credentials or a query. */
  readonly url: string;
  /** What the paths of its API hang below: `/api`, or `/noetl` behind NoETL's gateway, as its own CLI has it. */
  readonly api: string;
}

/** The URL of a server, or what is wrong with it in one line. A token belongs into a header, and is refused here. */
export function readAddress(text: string): { ok: true; address: ServerAddress } | { ok: false; problem: string } {
  const word = text.trim();
  let url: URL;
  try {
    url = new URL(word);
  } catch {
    return { ok: false, problem: 'is not a URL; write http://HOST:8082' };
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    const isBare = !word.includes('://');
    return {
      ok: false,
      problem: isBare ? 'lacks its scheme; write http://HOST:8082' : 'must begin with http:// or https://',
    };
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    return {
      ok: false,
      problem:
        "holds more than an address; a token goes into the profile's token_command or NOETL_SESSION_TOKEN, never into the URL",
    };
  }
  const base = `${url.origin}${url.pathname.replace(/\/+$/, '').replace(/\/api$/, '')}`;
  return { ok: true, address: { url: base, api: `${base}${/gateway\./i.test(word) ? '/noetl' : '/api'}` } };
}

/** A token as a header takes it, or what is wrong with it; the token itself is never quoted. */
export function readToken(text: string): { ok: true; token: string } | { ok: false; problem: string } {
  const token = text.trim();
  if (token === '') return { ok: false, problem: 'is empty' };
  if (/^bearer\s/i.test(token)) return { ok: false, problem: 'begins with "Bearer"; give the token alone' };
  if (/^https?:\/\//i.test(token)) return { ok: false, problem: 'is a URL, not a token; the URL goes into --server' };
  if (!/^[\x21-\x7e]+$/.test(token)) return { ok: false, problem: 'holds spaces or characters that no token has' };
  return { ok: true, token };
}

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
