import { connect, createServer, type Socket } from 'node:net';

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
  const target = new URL(databaseUrl);
  const open = new Set<Socket>();
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
  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ port: Number(target.port), host: target.hostname, noDelay: true });
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('close', () => open.delete(socket));
    }
    let isAnswered = true;
    forward(client, upstream, () => {
      if (isAnswered) bursts += 1;
      isAnswered = false;
    });
    forward(upstream, client, () => {
      isAnswered = true;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the proxy has no address');
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String(address.port);
  return {
    url: url.href,
    clientBursts: () => bursts,
    close: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
