import type pg from 'pg';
import type { StoreContext } from '../connection/context.js';
import { StoreError } from '../errors.js';
import type { ReadOptions } from '../event-store.js';
import type { Sql } from '../sql.js';
import { queryReach, type ReachKind } from './reach.js';
import { type StatementWords, wordsOf } from './sql-statement.js';
import {
  beginReadOnly,
  endReadOnly,
  fetchRows,
  mayBeExplained,
  READING_WORDS,
  statementOf,
  TYPE_NAMES,
  typeNames,
} from './transaction.js';

/** A table of texts, as the server prints them. */
export interface QueryTable {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** Null is SQL's NULL; everything else is the server's text, times in UTC, JSON without needless spaces. */
  readonly rows: readonly (readonly (string | null)[])[];
  /** True when there are more rows than `maxRows`. */
  readonly truncated: boolean;
  /** What whoever ran it may do beyond reading tables: `superuser`, or roles that reach the server's files. */
  readonly risks: readonly string[];
}

export interface QueryOptions extends ReadOptions {
  readonly maxRows: number;
  /** Where names without a schema are looked for, after pg_catalog; the schema of NoETL's tables where it is absent. */
  readonly schema?: string | undefined;
  /**
   * Run as this role (SET LOCAL ROLE); `none` for the connection's own user. Where it is absent, a superuser's rights
   * are given up for pg_read_all_data's.
   */
  readonly role?: string | null;
  /** Trust the database's own functions, operators, casts and views, as far as they are not declared VOLATILE. */
  readonly allowFunctions?: boolean;
  /** One shard by its number, or `cluster`; all shards where it is absent. One database has no shards and ignores it. */
  readonly shard?: number | 'cluster' | undefined;
}

export interface QueryRunner {
  /**
   * Runs one SQL statement that somebody wrote, in a READ ONLY transaction that is rolled back, on a connection that is
   * thrown away afterwards. Throws StoreError of kind `refused-sql` for what may not run and for what the server finds
   * wrong in it. What this does and does not protect from: docs/security.md.
   */
  runReadOnly(sql: string, options: QueryOptions): Promise<QueryTable>;
}

const TIMEOUT_MS = 30_000;
/** The server ends a statement at its time limit; this much later the client gives up on a connection that went silent. */
const GRACE_MS = 5_000;
const JSON_OIDS: ReadonlySet<number> = new Set([114, 3802]);
const AS_TEXT = { getTypeParser: () => (text: string) => text };

/** @internal */
export function queryRunner(context: StoreContext): QueryRunner {
  return {
    async runReadOnly(sql, { maxRows, timeoutMs = TIMEOUT_MS, signal, schema = context.schema, ...trust }) {
      const { role = null, allowFunctions = false } = trust;
      const words = wordsOf(sql);
      refuseByWords(words);
      return context.pools.alone(signal, async (client) => {
        const run = <Row extends unknown[]>(statement: Sql<Row>): Promise<pg.QueryArrayResult<Row>> => {
          const config = {
            text: statement.text,
            values: [...statement.values],
            rowMode: 'array' as const,
            types: AS_TEXT,
            // The extended protocol takes one statement only, whatever the words above were taken for.
            queryMode: 'extended',
            query_timeout: timeoutMs + GRACE_MS,
          };
          return client.query<Row>(config);
        };
        // Closing would do; behind a pooler an open transaction would cost the server connection too.
        const endsWith = (text: string) => client.query({ text, query_timeout: GRACE_MS } as pg.QueryConfig);
        let ended: Promise<unknown> | null = null;
        const end = () => (ended ??= endsWith(endReadOnly().text).catch(() => endsWith('ROLLBACK').catch(() => {})));
        try {
          // The check is sent with BEGIN. A snapshot is taken by the time it is answered, after which nothing can make the
          // transaction READ WRITE any more.
          const begun = withRole(role, () => client.query(beginReadOnly(timeoutMs, schema, role).text));
          const checked = run(queryReach(schema, words));
          checked.catch(() => {});
          await begun;
          const reach = await checked;
          const reached = (kind: ReachKind) => reach.rows.filter((row) => row[0] === kind).map((row) => row[1]);
          refuseByReach(reached, allowFunctions);
          const statement = statementOf(words.text, words.first);
          const result = await theirs(schema, async () => {
            const whole = run(statement.sql);
            const fetched = statement.cursor ? run(fetchRows(maxRows + 1)) : whole;
            fetched.catch(() => {});
            void end();
            await whole;
            return fetched;
          });
          const unnamed = result.fields.map((field) => field.dataTypeID).filter((oid) => !TYPE_NAMES.has(oid));
          const named = unnamed.length === 0 ? [] : (await run(typeNames([...new Set(unnamed)]))).rows;
          const names = new Map([...[...TYPE_NAMES].map(([oid, name]) => [String(oid), name] as const), ...named]);
          return { ...tableOf(result, names, maxRows), risks: reached('risk') };
        } finally {
          await end();
        }
      });
    },
  };
}

function refuseByWords(words: StatementWords): void {
  const { first, explained, into, several, foreignOperator, problem } = words;
  if (problem !== null) throw new StoreError('refused-sql', problem);
  if (foreignOperator)
    throw new StoreError('refused-sql', 'OPERATOR(…) outside pg_catalog is refused: it may run anything');
  if (first === '') throw new StoreError('refused-sql', 'the statement is empty');
  if (several)
    throw new StoreError('refused-sql', 'query runs one statement at a time; leave out what follows the `;`');
  if (!READING_WORDS.includes(first)) {
    throw new StoreError(
      'refused-sql',
      `query only reads: a statement begins with ${READING_WORDS.join(', ')}, not ${first}`,
    );
  }
  if (explained !== null && !mayBeExplained(explained, into)) {
    throw new StoreError(
      'refused-sql',
      'query explains only what reads: SELECT, WITH, VALUES, TABLE, and nothing INTO',
    );
  }
}

function refuseByReach(reached: (kind: ReachKind) => string[], allowFunctions: boolean): void {
  const refuse = (names: string[], why: string) => {
    if (names.length > 0) throw new StoreError('refused-sql', `${names.join(', ')} ${why}`);
  };
  refuse(reached('effect'), 'may change something; query runs only what reads');
  if (allowFunctions) return;
  refuse(
    reached('own'),
    "is this database's own code, which may do anything whatever it is declared as; --allow-functions runs it",
  );
  refuse(reached('foreign'), 'is a foreign table, which may run anything elsewhere; --allow-functions reads it');
}

/** A role that cannot be taken on is a mistake in the configuration: going on with more rights would be worse. */
async function withRole<T>(role: string | null, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code = '', message = '' } = error as { code?: string; message?: string };
    if (role === null || !['42501', '22023', '42704'].includes(code)) throw error;
    const said = `query cannot take on the role ${JSON.stringify(role)}: ${message}`;
    throw new StoreError('refused-sql', `${said}; GRANT it to the connection's user`, { cause: error });
  }
}

/** Map the server's errors about the statement to `refused-sql`; rethrow the rest. */
async function theirs<T>(schema: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code = '', message = '', hint } = error as { code?: string; message?: string; hint?: string };
    if (code === '57014')
      throw new StoreError('timeout', 'the query took too long and was ended; narrow it', { cause: error });
    if (code === '42501' || !/^(08P01|0A|20|21|22|25|2F|34|38|39|42|54|55|P0)/.test(code)) throw error;
    const looked = `query looks in pg_catalog and ${schema} only: write schema.table for others`;
    const elsewhere = code === '42P01' && !message.includes('.') ? looked : '';
    const said = [message, hint, elsewhere]
      .filter(Boolean)
      .join('; ')
      .replace(/[\p{Cc}\s]+/gu, ' ');
    throw new StoreError('refused-sql', `PostgreSQL refuses the query: ${said}`, { cause: error });
  }
}

function tableOf(
  result: pg.QueryArrayResult<(string | null)[]>,
  names: ReadonlyMap<string, string>,
  maxRows: number,
): Omit<QueryTable, 'risks'> {
  const columns = result.fields.map(({ name, dataTypeID }) => ({ name, type: names.get(String(dataTypeID)) ?? '' }));
  const json = result.fields.map((field) => JSON_OIDS.has(field.dataTypeID));
  const rows = result.rows
    .slice(0, maxRows)
    .map((row) => row.map((value, index) => (value !== null && json[index] ? compactJson(value) : value)));
  return { columns, rows, truncated: result.rows.length > maxRows };
}

/**
 * JSON text without the blanks between its tokens. Works on the text, because reading it into JavaScript would round
 * 64-bit ids.
 */
export const compactJson = (json: string): string =>
  json.replace(/("[^"\\]*(?:\\.[^"\\]*)*")|\s+/g, (_, string: string | undefined) => string ?? '');
