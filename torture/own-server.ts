import pg from 'pg';
import {
  type EmbeddedServer,
  type EmbeddedServerOptions,
  startEmbeddedServer,
} from '../source/demo/embedded-server.js';
import { schemaSql } from '../source/demo/schema.js';

const DATABASE = 'noetl';

/** A server that one part may stop, restart and fill up, with NoETL's tables in it. */
export class OwnServer {
  #server: EmbeddedServer | null = null;
  #pool: pg.Pool | null = null;

  constructor(private readonly options: EmbeddedServerOptions) {}

  /** The URL of its database. */
  async start(): Promise<string> {
    this.#server = await startEmbeddedServer(this.options);
    if (!this.#server.hadData) {
      await once(this.#server.url, `CREATE DATABASE ${DATABASE}`);
      await once(this.url, schemaSql({}));
    }
    this.#pool = new pg.Pool({ connectionString: this.url, max: 1, idleTimeoutMillis: 0 });
    this.#pool.on('error', () => {});
    this.#pool.on('connect', (client) => client.on('error', () => {}));
    return this.url;
  }

  async restart(): Promise<string> {
    await this.stop();
    return this.start();
  }

  get url(): string {
    if (!this.#server) throw new Error('the server is not running');
    return this.#server.urlFor(DATABASE);
  }

  /** One connection. After a restart it is another pool. */
  get pool(): pg.Pool {
    if (!this.#pool) throw new Error('the server is not running');
    return this.#pool;
  }

  async stop(): Promise<void> {
    const [server, pool] = [this.#server, this.#pool];
    this.#server = this.#pool = null;
    // The server's end closes the pool's connection before its own farewell can.
    await Promise.allSettled([pool?.end(), server?.stop()]);
  }
}

async function once(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(sql);
  await client.end();
}
