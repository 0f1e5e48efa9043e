import pg from 'pg';
import { StoreError } from '../errors.js';
import type { Sql } from '../sql.js';
import { Lender, type Loan } from './lender.js';
import { storeError } from './postgres-errors.js';
import { lookForPooler, preparedName } from './prepared.js';
import type { ConnectionSettings } from './settings.js';
import {
  atOnce,
  inTransaction,
  type RowsOf,
  type Transaction,
  type TransactionKind,
  type TransactionOptions,
} from './transactions.js';

export type { RowsOf, Transaction, TransactionOptions } from './transactions.js';

/** Which connections a call may use: refreshes, what an operator waits for, or workers' cancellation checks. */
export type PoolShare = 'polling' | 'acting' | 'checking';

const CONNECT_TIMEOUT_MS = 10_000;

/**
 * The connections to one database, in three shares: neither polling (refreshes of a console, which come all the time)
 * nor workers' cancellation checks (before and after every claim) can ever take the ones that a cancel needs. No
 * session state, and named statements only where no pooler stands between, so PgBouncer in transaction mode works.
 */
export class Pools {
  #settings: ConnectionSettings;
  #lenders: Record<PoolShare, Lender>;
  #onConnect: ((client: pg.PoolClient) => void) | null = null;
  #isConnected = () => {};
  /** Resolves when a connection is open and what waited for it has been sent; never where none opens. */
  readonly connected = new Promise<void>((resolve) => {
    this.#isConnected = resolve;
  });

  constructor(
    settings: ConnectionSettings,
    private readonly sizes: Record<PoolShare, number> = { polling: 3, acting: 5, checking: 2 },
  ) {
    this.#settings = settings;
    this.#lenders = this.#openAll();
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
  async read<T>(
    share: PoolShare,
    options: TransactionOptions,
    work: (transaction: Transaction) => Promise<T>,
  ): Promise<T> {
    return inTransaction(await this.#lend(share, options, { holds: true }), this.#terms('reading', options), work);
  }

  /** The same for statements that do not depend on one another's answers: one round trip. */
  async readAtOnce<const Statements extends readonly Sql[]>(
    share: PoolShare,
    options: TransactionOptions,
    statements: Statements,
  ): Promise<RowsOf<Statements>> {
    return atOnce(
      await this.#lend(share, options, { apart: options.apart ?? false }),
      this.#terms('reading', options),
      statements,
    );
  }

  /**
   * Runs reads and writes in one READ COMMITTED transaction: each statement sees what was committed before it. This and
   * `writeAtOnce` are the only ways to write, so that a read-only session is decided here and nowhere else: everything
   * else is READ ONLY. When the answer to COMMIT is lost, the error's kind is `outcome-unknown`.
   */
  async write<T>(options: TransactionOptions, work: (transaction: Transaction) => Promise<T>): Promise<T> {
    this.refuseIfReadOnly();
    return inTransaction(
      await this.#lend('acting', options, { holds: true, apart: true }),
      this.#terms('writing', options),
      work,
    );
  }

  /**
   * The same in one round trip, COMMIT included. Once it is sent, a lost connection leaves open whether it was committed.
   * The statements have to write nothing outside a transaction (IN_TRANSACTION): should BEGIN fail, the server would run
   * each of them on its own.
   */
  async writeAtOnce<const Statements extends readonly Sql[]>(
    options: TransactionOptions,
    statements: Statements,
  ): Promise<RowsOf<Statements>> {
    this.refuseIfReadOnly();
    return atOnce(await this.#lend('acting', options, { apart: true }), this.#terms('writing', options), statements);
  }

  /** @throws StoreError of kind `writes-disabled` in a read-only session. */
  refuseIfReadOnly(): void {
    if (!this.#settings.readOnly) return;
    throw new StoreError(
      'writes-disabled',
      'this session is read-only (--read-only, NOETL_CONSOLE_READ_ONLY or the config file): nothing was written',
    );
  }

  /** One reading statement without a transaction, in one round trip; the client, not the server, bounds its time. */
  async single<Row>(share: PoolShare, sql: Sql<Row>, timeoutMs: number): Promise<Row[]> {
    const options: TransactionOptions = { timeoutMs };
    if (this.#settings.readOnly) return (await this.readAtOnce(share, options, [sql]))[0];
    const loan = await this.#lend(share, options);
    try {
      const name = preparedName(loan.client, sql);
      const config = { name, text: sql.text, values: [...sql.values], query_timeout: timeoutMs };
      const { rows } = await loan.client.query(config);
      loan.done();
      return rows as Row[];
    } catch (error) {
      loan.done(true);
      throw storeError(error, this.#settings);
    }
  }

  /** A connection for untrusted work: it is closed afterwards, at once when the signal aborts. */
  async alone<T>(signal: AbortSignal | undefined, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const loan = await this.#lend('acting', { signal }, { holds: true });
    let isOpen = true;
    const end = () => {
      if (isOpen) loan.done(true);
      isOpen = false;
    };
    try {
      if (signal?.aborted) throw new StoreError('aborted', 'stopped before the database was asked');
      signal?.addEventListener('abort', end, { once: true });
      return await work(loan.client);
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
    const pools = new Set(Object.values(this.#lenders).map(({ pool }) => pool));
    await Promise.allSettled([...pools].filter((pool) => !pool.ending).map((pool) => pool.end()));
  }

  #openAll(): Record<PoolShare, Lender> {
    const { polling, acting, checking } = this.sizes;
    if (this.#settings.isBrief) {
      const all = new Lender(this.#open(acting), true);
      return { polling: all, acting: all, checking: all };
    }
    const lenderOf = (size: number) => new Lender(this.#open(size), false);
    return { polling: lenderOf(polling), acting: lenderOf(acting), checking: lenderOf(checking) };
  }

  #open(max: number): pg.Pool {
    const { host, port, user, password, database, ssl, connectTimeoutMs = CONNECT_TIMEOUT_MS } = this.#settings;
    const pool = new pg.Pool({
      host,
      port,
      user,
      password,
      database,
      ssl,
      max,
      connectionTimeoutMillis: connectTimeoutMs,
      idleTimeoutMillis: 30_000,
      allowExitOnIdle: true,
      keepAlive: true,
      pipeline: true,
      application_name: 'noetl-console',
    });
    // A connection that the server closes must not end the process: the query under way, or the next one, reports it. The
    // pool only listens while a connection is idle.
    pool.on('error', () => {});
    pool.on('connect', (client) => {
      client.on('error', () => {});
      this.#onConnect?.(client);
      if (!this.#settings.isBrief) lookForPooler(client);
      setImmediate(this.#isConnected);
    });
    return pool;
  }

  #terms(kind: TransactionKind, options: TransactionOptions) {
    return { kind, options, settings: this.#settings };
  }

  async #lend(
    share: PoolShare,
    { signal }: Pick<TransactionOptions, 'signal'>,
    use: { readonly holds?: boolean; readonly apart?: boolean } = {},
  ): Promise<Loan> {
    if (signal?.aborted) throw new StoreError('aborted', 'stopped before the database was asked');
    const lender = this.#lenders[share];
    try {
      return await lender.lend(use);
    } catch (error) {
      const hasNoTls = this.#settings.sslOptional && /does not support SSL/i.test(String(error));
      if (!hasNoTls) throw storeError(error, this.#settings);
      // The first of those that connect at the same time opens the pools anew, without TLS.
      if (lender === this.#lenders[share]) {
        await this.close();
        if (this.#settings.ssl) {
          this.#settings = { ...this.#settings, ssl: false };
          this.#lenders = this.#openAll();
        }
      }
      return this.#lend(share, { signal }, use);
    }
  }
}
