import type pg from 'pg';
import { compactJson } from '../compact-json.js';
import { StoreError } from '../errors.js';
import {
  beginReadOnly,
  fetchRows,
  localSearchPath,
  mayBeExplained,
  READING_WORDS,
  statementOf,
  typeNames,
  volatileFunctions,
} from '../queries/read-only-query.js';
import type { QueryRunner, QueryTable } from '../query-runner.js';
import type { Sql } from '../sql.js';
import { wordsOf } from '../sql-statement.js';
import type { StoreContext } from './context.js';

const TIMEOUT_MS = 30_000;
/** The server ends a statement by itself; this much later the client gives up on a connection that went silent. */
const GRACE_MS = 5_000;
const JSON_OIDS: ReadonlySet<number> = new Set([114, 3802]);
const AS_TEXT = { getTypeParser: () => (text: string) => text };

export function queryRunner(context: StoreContext): QueryRunner {
  return {
    async runReadOnly(sql, { maxRows, timeoutMs = TIMEOUT_MS, signal, searchPath }) {
      const words = wordsOf(sql);
      refuseByWords(words);
      return context.pools.alone(signal, async (client) => {
        const run = <Row extends unknown[] = (string | null)[]>(statement: Sql): Promise<pg.QueryArrayResult<Row>> => {
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
        try {
          await client.query(beginReadOnly(timeoutMs).text);
          if (searchPath !== undefined) await run(localSearchPath(searchPath));
          // This read also takes the transaction's snapshot, after which nothing can make it READ WRITE any more.
          const refused = (await run<[string]>(volatileFunctions(words.calls))).rows.map(([name]) => name);
          if (refused.length > 0) {
            throw new StoreError(
              'refused-sql',
              `${refused.join(', ')} may change something; query runs only what reads`,
            );
          }
          const statement = statementOf(sql, words.first);
          const result = await theirs(async () => {
            const whole = await run(statement.sql);
            return statement.cursor ? run(fetchRows(maxRows + 1)) : whole;
          });
          const oids = [...new Set(result.fields.map((field) => field.dataTypeID))];
          const names = new Map((await run<[string, string]>(typeNames(oids))).rows);
          return tableOf(result, names, maxRows);
        } finally {
          // Closing would do; behind a pooler an open transaction would cost the server connection too.
          await client.query({ text: 'ROLLBACK', query_timeout: GRACE_MS } as pg.QueryConfig).catch(() => {});
        }
      });
    },
  };
}

function refuseByWords({ first, explained, into, several, escapedNames }: ReturnType<typeof wordsOf>): void {
  if (first === '') throw new StoreError('refused-sql', 'there is no statement');
  if (several)
    throw new StoreError('refused-sql', 'query runs one statement at a time; leave out what follows the `;`');
  if (escapedNames)
    throw new StoreError('refused-sql', 'names with Unicode escapes (U&"…") are refused; write them out');
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

/** What the server says against the statement is the writer's to mend; anything else is the database's failure. */
async function theirs<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code = '', message = '', hint } = error as { code?: string; message?: string; hint?: string };
    if (code === '57014')
      throw new StoreError('timeout', 'the query took too long and was ended; narrow it', { cause: error });
    if (code === '42501' || !/^(08P01|0A|20|21|22|25|2F|34|38|39|42|54|55|P0)/.test(code)) throw error;
    const said = [message, hint]
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
): QueryTable {
  const columns = result.fields.map(({ name, dataTypeID }) => ({ name, type: names.get(String(dataTypeID)) ?? '' }));
  const json = result.fields.map((field) => JSON_OIDS.has(field.dataTypeID));
  const rows = result.rows
    .slice(0, maxRows)
    .map((row) => row.map((value, index) => (value !== null && json[index] ? compactJson(value) : value)));
  return { columns, rows, truncated: result.rows.length > maxRows };
}
