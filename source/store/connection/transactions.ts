import pg from 'pg';
import { whileCommitting } from '../commits-under-way.js';
import { StoreError } from '../errors.js';
import { MARK_TRANSACTION, PLAN_BY_INDEX, type Sql } from '../sql.js';
import { type Loan, untilAborted } from './lender.js';
import { storeError } from './postgres-errors.js';
import { preparedName } from './prepared.js';
import type { ConnectionSettings } from './settings.js';

/** What a transaction may do while it is open. */
export interface Transaction {
  query<Row>(sql: Sql<Row>): Promise<Row[]>;
}

export interface TransactionOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** For statements that look up ids: see PLAN_BY_INDEX. */
  readonly byIndex?: boolean;
  /** For long work in several transactions at once: it shares its connection with none of them. */
  readonly apart?: boolean;
}

/** The rows of several statements, in their order. */
export type RowsOf<Statements extends readonly Sql[]> = {
  -readonly [Index in keyof Statements]: Statements[Index] extends Sql<infer Row> ? Row[] : never;
};

export type TransactionKind = 'reading' | 'writing';
/** A write sees, in each statement, what was committed before it. */
const BEGIN: Record<TransactionKind, string> = {
  reading: 'BEGIN READ ONLY',
  writing: 'BEGIN ISOLATION LEVEL READ COMMITTED',
};
/** The server ends a statement at its time limit; this much later the client gives up on a connection that went silent. */
const CLIENT_GRACE_MS = 5_000;

/** How long a lent connection is waited for, and what its failures are called. */
interface Terms {
  readonly kind: TransactionKind;
  readonly options: TransactionOptions;
  readonly settings: ConnectionSettings;
}

/** Statements that depend on one another's answers. */
export async function inTransaction<T>(
  loan: Loan,
  { kind, options, settings }: Terms,
  work: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  const query = sender(loan.client, options);
  let committing = false;
  try {
    // Not awaited: the first statement of the work leaves with it, and a server answers in order.
    const begun = query(beginOf(kind, options));
    begun.catch(() => {});
    const failedFirst = (error: unknown): Promise<never> => begun.then(() => Promise.reject(error));
    const result = await work({
      query: (sql) => query(sql.text, sql.values, preparedName(loan.client, sql)) as never,
    }).catch(failedFirst);
    await begun;
    if (kind === 'reading') {
      // What was read does not depend on how a READ ONLY transaction ends: neither its answer nor the connection's
      // next user, whose statements the server takes in order, waits for that.
      query('COMMIT').catch(() => {});
      loan.done();
      return result;
    }
    committing = true;
    await whileCommitting(() => query('COMMIT'));
    loan.done();
    return result;
  } catch (error) {
    const said = storeError(error, settings);
    const failure = committing ? afterCommit(said) : said;
    // A statement may still be running on a connection that was left in the middle: it is of no further use.
    if (failure.kind === 'aborted') loan.done(true);
    else await abandon(loan);
    throw failure;
  }
}

/**
 * A transaction whose statements do not depend on one another's answers: all of it, COMMIT included, leaves at once and
 * costs one round trip. Where a statement fails, the server refuses those behind it and answers COMMIT with a rollback.
 */
export async function atOnce<const Statements extends readonly Sql[]>(
  loan: Loan,
  { kind, options, settings }: Terms,
  statements: Statements,
): Promise<RowsOf<Statements>> {
  const query = sender(loan.client, options);
  const isWrite = kind === 'writing';
  // The server answered a statement before COMMIT with an error, even if it then closed the connection: nothing was
  // committed.
  let isRefused = false;
  try {
    const answers = [beginOf(kind, options), ...statements, 'COMMIT'].map((each) =>
      typeof each === 'string' ? query(each) : query(each.text, each.values, preparedName(loan.client, each)),
    );
    loan.sent();
    const beforeCommit = answers.slice(0, -1);
    const awaited = isWrite ? answers : beforeCommit;
    for (const answer of answers) answer.catch(() => {});
    for (const answer of beforeCommit) {
      answer.catch((error) => {
        isRefused ||= error instanceof pg.DatabaseError;
      });
    }
    const rows = await (isWrite ? whileCommitting(() => Promise.all(awaited)) : Promise.all(awaited));
    loan.done();
    return rows.slice(1, 1 + statements.length) as RowsOf<Statements>;
  } catch (error) {
    const said = storeError(error, settings);
    loan.done(!isAnswer(said));
    throw isWrite && !isRefused ? afterCommit(said) : said;
  }
}

function beginOf(kind: TransactionKind, { timeoutMs, byIndex }: TransactionOptions): string {
  // jit off because compiling costs these short queries more than it saves.
  const plan = byIndex ? `; ${PLAN_BY_INDEX}` : '';
  const mark = kind === 'writing' ? `; ${MARK_TRANSACTION}` : '';
  return `${BEGIN[kind]}; SET LOCAL statement_timeout = ${bounded(timeoutMs)}; SET LOCAL jit = off${plan}${mark}`;
}

const bounded = (timeoutMs: number): number => Math.max(1, Math.ceil(timeoutMs));

function sender(client: pg.PoolClient, { timeoutMs, signal }: TransactionOptions) {
  return async (text: string, values?: readonly unknown[], name?: string): Promise<unknown[]> => {
    const config = { name, text, values: values && [...values], query_timeout: bounded(timeoutMs) + CLIENT_GRACE_MS };
    return (await untilAborted(client.query(config), signal)).rows;
  };
}

/** True for an error that the server answered with and that leaves the connection usable. */
function isAnswer(failure: StoreError): boolean {
  const { code = '' } = (failure.cause ?? {}) as { code?: string };
  return /^[0-9A-Z]{5}$/.test(code) && !/^(57P|08)/.test(code) && failure.kind !== 'unreachable';
}

/**
 * What a failed COMMIT means. Where the server answered with an error it has rolled back; where the answer never came,
 * or the server was shutting down, the rows may be there or not.
 */
function afterCommit(failure: StoreError): StoreError {
  if (isAnswer(failure)) return failure;
  const said = `the connection was lost during the commit: outcome unknown (${failure.message})`;
  return new StoreError('outcome-unknown', said, { cause: failure });
}

/** Rolls back and returns the connection, or throws it away when even that fails. */
async function abandon(loan: Loan): Promise<void> {
  try {
    await loan.client.query({ text: 'ROLLBACK', query_timeout: CLIENT_GRACE_MS } as pg.QueryConfig);
    loan.done();
  } catch {
    loan.done(true);
  }
}
