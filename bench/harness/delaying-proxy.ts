import type { Socket } from 'node:net';
import { proxyServer } from '../../test/helpers/proxy-server.js';

/** A TCP proxy that stands for distance: what either side sends arrives later, in order. */
export interface DelayingProxy {
  readonly url: string;
  /** Bursts that clients have sent so far: what a client sends without waiting for an answer is one. */
  readonly clientBursts: () => number;
  close(): Promise<void>;
}

/**
 * Puts a proxy in front of a database.
 *
 * @param oneWayMs how much later each direction delivers; a round trip costs twice that
 */
export async function delayingProxy(databaseUrl: string, oneWayMs: number): Promise<DelayingProxy> {
  const { server, url, dial, close } = await proxyServer(databaseUrl);
  let bursts = 0;
  const forward = (from: Socket, to: Socket, arrived: () => void) => {
    from.on('data', (chunk) => {
      arrived();
      setTimeout(() => {
        if (!to.destroyed) to.write(chunk);
      }, oneWayMs);
    });
    // The end travels as slowly as what was sent before it.
    from.on('close', () => setTimeout(() => to.destroy(), oneWayMs + 5));
    from.on('error', () => {});
  };
  server.on('connection', (client) => {
    const upstream = dial();
    let isAnswered = true;
    forward(client, upstream, () => {
      if (isAnswered) bursts += 1;
      isAnswered = false;
    });
    forward(upstream, client, () => {
      isAnswered = true;
    });
  });
  return { url, clientBursts: () => bursts, close };
}
