import pg from 'pg';
import { whileCommitting } from '../commits-under-way.js';
import { StoreError } from '../errors.js';
import { PLAN_BY_INDEX, type Sql } from '../sql.js';
import { storeError } from './postgres-errors.js';
import type { ConnectionSettings } from './settings.js';
import { discard, untilAborted } from './until-aborted.js';

/** What a transaction may do while it is open. */
export interface Transaction {
  query<Row>(sql: Sql<Row>): Promise<Row[]>;
}

export interface TransactionOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** For statements that look up ids: see PLAN_BY_INDEX. */
  readonly byIndex?: boolean;
}

/** Which connections a call may use: refreshes, what an operator waits for, or workers' cancellation checks. */
export type PoolShare = 'polling' | 'acting' | 'checking';

const BEGIN_WRITE = 'BEGIN ISOLATION LEVEL READ COMMITTED';
const CONNECT_TIMEOUT_MS = 10_000;
/** The server ends a statement at its time limit; this much later the client gives up on a connection that went silent. */
const CLIENT_GRACE_MS = 5_000;

/**
 * The connections to one database, in three shares: neither polling (refreshes of a console, which come all the time)
 * nor workers' cancellation checks (before and after every claim) can ever take the ones that a cancel needs. No session state and no named statements, so PgBouncer in transaction mode works.
 */
export class Pools {
  readonly #shares: Record<PoolShare, pg.Pool>;
  #settings: ConnectionSettings;
  #onConnect: ((client: pg.PoolClient) => void) | null = null;

  constructor(settings: ConnectionSettings, sizes: Record<PoolShare, number> = { polling: 3, acting: 5, checking: 2 }) {
    this.#settings = settings;
    this.#shares = {
      polling: this.#open(sizes.polling),
      acting: this.#open(sizes.acting),
      checking: this.#open(sizes.checking),
    };
  }

  /**
   * Sends a statement over the first connection that opens, ahead of what the connection is opened for, so that its
   * answer costs no round trip of its own.
   *
   * @param answered gets the rows, once; nothing when the statement fails or no connection opens
   */
  onFirstConnection<Row>(sql: Sql<Row>, answered: (rows: Row[]) => void): void {
    this.#onConnect = (client) => {
      this.#onConnect = null;
      client.query({ text: sql.text, values: [...sql.values] }).then(
        ({ rows }) => answered(rows as Row[]),
        () => {},
      );
    };
  }

  /** Runs reads in one READ ONLY transaction whose statements the server ends after `timeoutMs`. */
  read<T>(share: PoolShare, options: TransactionOptions, work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return this.#transaction(share, 'BEGIN READ ONLY', options, work);
  }

  /**
   * Runs reads and writes in one READ COMMITTED transaction: each statement sees what was committed before it. The only
   * way to write there is, so that a read-only session is decided here and nowhere else: everything else is READ ONLY.
   * When the answer to COMMIT is lost, the error's kind is `outcome-unknown`.
   */
  async write<T>(options: TransactionOptions, work: (transaction: Transaction) => Promise<T>): Promise<T> {
    this.refuseIfReadOnly();
    return this.#transaction('acting', BEGIN_WRITE, options, work);
  }

  /** @throws StoreError of kind `writes-disabled` in a read-only session. */
  refuseIfReadOnly(): void {
    if (!this.#settings.readOnly) return;
    throw new StoreError(
      'writes-disabled',
      'this session is read-only (--read-only, NOETL_CONSOLE_READ_ONLY or the config file): nothing was written',
    );
  }

  /** One reading statement by itself, in one round trip; the client, not the server, bounds its time. */
  async single<Row>(share: PoolShare, sql: Sql<Row>, timeoutMs: number): Promise<Row[]> {
    if (this.#settings.readOnly) return this.read(share, { timeoutMs }, (transaction) => transaction.query(sql));
    let client: pg.PoolClient | undefined;
    try {
      client = await this.#client(share);
      const config = { text: sql.text, values: [...sql.values], query_timeout: timeoutMs };
      const { rows } = await client.query(config);
      client.release();
      return rows as Row[];
    } catch (error) {
      if (client) discard(client);
      throw storeError(error, this.#settings);
    }
  }

  /** A connection for work that nobody vouches for: it is closed afterwards, at once when the signal aborts. */
  async alone<T>(signal: AbortSignal | undefined, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    let client: pg.PoolClient | undefined;
    let open = true;
    const end = () => {
      if (open && client) discard(client);
      open = false;
    };
    try {
      if (signal?.aborted) throw new StoreError('aborted', 'stopped before the database was asked');
      client = await this.#client('acting');
      signal?.addEventListener('abort', end, { once: true });
      return await work(client);
    } catch (error) {
      throw signal?.aborted
        ? new StoreError('aborted', 'stopped while the database was being asked', { cause: error })
        : storeError(error, this.#settings);
    } finally {
      signal?.removeEventListener('abort', end);
      end();
    }
  }

  async close(): Promise<void> {
    await Promise.allSettled(Object.values(this.#shares).map((pool) => pool.end()));
  }

  #open(max: number): pg.Pool {
    const { host, port, user, password, database, ssl } = this.#settings;
    const pool = new pg.Pool({
      host,
      port,
      user,
      password,
      database,
      ssl,
      max,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      idleTimeoutMillis: 30_000,
      allowExitOnIdle: true,
      keepAlive: true,
      pipeline: true,
      application_name: 'noetl-console',
    });
    // A connection that the server closes must not end the process: the query under way, or the next one, tells it. The
    // pool only listens while a connection is idle.
    pool.on('error', () => {});
    pool.on('connect', (client) => {
      client.on('error', () => {});
      this.#onConnect?.(client);
    });
    return pool;
  }

  async #client(share: PoolShare): Promise<pg.PoolClient> {
    try {
      return await this.#shares[share].connect();
    } catch (error) {
      if (this.#settings.sslOptional && this.#settings.ssl && /does not support SSL/i.test(String(error))) {
        await this.close();
        this.#settings = { ...this.#settings, ssl: false, sslOptional: false };
        for (const name of ['polling', 'acting', 'checking'] as const) {
          this.#shares[name] = this.#open(this.#shares[name].options.max ?? 1);
        }
        return this.#client(share);
      }
      throw error;
    }
  }

  async #transaction<T>(
    share: PoolShare,
    begin: string,
    { timeoutMs, signal, byIndex }: TransactionOptions,
    work: (transaction: Transaction) => Promise<T>,
  ): Promise<T> {
    if (signal?.aborted) throw new StoreError('aborted', 'stopped before the database was asked');
    let client: pg.PoolClient | undefined;
    let committing = false;
    try {
      const open = await this.#client(share);
      client = open;
      const bounded = Math.max(1, Math.ceil(timeoutMs));
      const query = async (text: string, values?: readonly unknown[]) => {
        const config = { text, values: values && [...values], query_timeout: bounded + CLIENT_GRACE_MS };
        return (await untilAborted(open.query(config), signal)).rows;
      };
      // Not awaited: the first statement of the work leaves with it, and a server answers in order. jit off because
      // compiling costs these short queries more than it saves.
      const plan = byIndex ? `; ${PLAN_BY_INDEX}` : '';
      const begun = query(`${begin}; SET LOCAL statement_timeout = ${bounded}; SET LOCAL jit = off${plan}`);
      begun.catch(() => {});
      const failedFirst = (error: unknown): Promise<never> => begun.then(() => Promise.reject(error));
      const result = await work({ query: (sql) => query(sql.text, sql.values) as never }).catch(failedFirst);
      await begun;
      if (begin !== BEGIN_WRITE) {
        // What was read does not depend on how a READ ONLY transaction ends: neither its answer nor the connection's
        // next user, whose statements the server takes in order, waits for that.
        query('COMMIT').catch(() => {});
        open.release();
        return result;
      }
      committing = true;
      await whileCommitting(() => query('COMMIT'));
      client.release();
      return result;
    } catch (error) {
      const said = storeError(error, this.#settings);
      const failure = committing ? afterCommit(said) : said;
      // A statement may still be running on a connection that was left in the middle: it is of no further use.
      if (client && failure.kind === 'aborted') discard(client);
      else if (client) await abandon(client);
      throw failure;
    }
  }
}

/**
 * What a failed COMMIT means. Where the server answered with an error it has rolled back; where the answer never came,
 * or the server was shutting down, the rows may be there or not.
 */
function afterCommit(failure: StoreError): StoreError {
  const { code = '' } = (failure.cause ?? {}) as { code?: string };
  const answered = /^[0-9A-Z]{5}$/.test(code) && !/^(57P|08)/.test(code) && failure.kind !== 'unreachable';
  if (answered) return failure;
  const said = `the connection was lost during the commit: outcome unknown (${failure.message})`;
  return new StoreError('outcome-unknown', said, { cause: failure });
}

/** Rolls back and returns the connection, or throws it away when even that fails. */
async function abandon(client: pg.PoolClient): Promise<void> {
  try {
    await client.query({ text: 'ROLLBACK', query_timeout: CLIENT_GRACE_MS } as pg.QueryConfig);
    client.release();
  } catch {
    discard(client);
  }
}
