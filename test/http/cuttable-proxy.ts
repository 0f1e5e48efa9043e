import { connect, createServer, type Server, type Socket } from 'node:net';

/** A TCP proxy to a database that can go away: connections are cut and refused, or left hanging, until it comes back. */
export class CuttableProxy {
  readonly #open = new Set<Socket>();
  #mode: 'through' | 'refuse' | 'hang' = 'through';

  private constructor(
    readonly server: Server,
    readonly url: string,
  ) {}

  static async before(databaseUrl: string): Promise<CuttableProxy> {
    const target = new URL(databaseUrl);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (typeof address !== 'object' || address === null) throw new Error('no address');
    const url = new URL(databaseUrl);
    url.hostname = '127.0.0.1';
    url.port = String(address.port);
    const proxy = new CuttableProxy(server, url.href);
    server.on('connection', (client) => proxy.#connect(client, target));
    return proxy;
  }

  #connect(client: Socket, target: URL): void {
    client.on('error', () => {});
    this.#track(client);
    if (this.#mode === 'refuse') return void client.destroy();
    if (this.#mode === 'hang') return;
    const upstream = connect(Number(target.port), target.hostname);
    upstream.on('error', () => client.destroy());
    this.#track(upstream);
    client.pipe(upstream).pipe(client);
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
  }

  #track(socket: Socket): void {
    this.#open.add(socket);
    socket.on('close', () => this.#open.delete(socket));
  }

  cut(mode: 'refuse' | 'hang' = 'refuse'): void {
    this.#mode = mode;
    for (const socket of this.#open) socket.destroy();
  }

  restore(): void {
    this.#mode = 'through';
    for (const socket of this.#open) socket.destroy();
  }

  async close(): Promise<void> {
    for (const socket of this.#open) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
