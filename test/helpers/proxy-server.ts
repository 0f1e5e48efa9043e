import { connect, createServer, type Server, type Socket } from 'node:net';

/** A TCP server in front of a database, and the database's URL by way of it. */
export interface ProxyServer {
  readonly url: string;
  /** Who connects is on the `connection` event; nothing is passed on by itself. */
  readonly server: Server;
  /** Every socket that is open, of either side. */
  readonly open: Set<Socket>;
  /** A connection to the database, or to another one, counted among those that are open. */
  readonly dial: (to?: string) => Socket;
  close(): Promise<void>;
}

/** Listens on a free loopback port for those who want the database. Without TLS only. */
export async function proxyServer(databaseUrl: string): Promise<ProxyServer> {
  const open = new Set<Socket>();
  const held = (socket: Socket): Socket => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    return socket;
  };
  const server = createServer({ noDelay: true }, held);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the proxy has no address');
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String(address.port);
  return {
    url: url.href,
    server,
    open,
    dial: (to = databaseUrl) => {
      const { port, hostname } = new URL(to);
      return held(connect({ port: Number(port), host: hostname, noDelay: true }));
    },
    close: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
