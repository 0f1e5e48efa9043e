import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { wordsOf } from '../../source/store/sql-statement.js';
import { createTestDatabase, type TestDatabase } from '../helpers/database.js';

/** NOETL_CONSOLE_FUZZ_RUNS makes it long; the seed is printed by fast-check when a property fails. */
const RUNS = Number(process.env.NOETL_CONSOLE_FUZZ_RUNS ?? 1500);

let db: TestDatabase;
let client: pg.Client;
beforeAll(async () => {
  db = await createTestDatabase({ empty: true });
  client = new pg.Client({ connectionString: db.url });
  await client.connect();
  await client.query('SET standard_conforming_strings = on');
});
afterAll(async () => {
  await client?.end();
  await db?.close();
});

/** Pieces on whose reading everything turns: quotes, escapes, comments, line breaks, and a call that does not exist. */
const PIECE = fc.constantFrom(
  ...[
    "'",
    "''",
    '"',
    "E'",
    "e'",
    "U&'",
    "N'",
    "B'",
    "X'",
    '$$',
    '$a$',
    '$b$',
    '\\',
    "\\'",
    '\\\\',
    '\n',
    '\r',
    '\r\n',
    '\f',
    '\v',
  ],
  ...[
    '--',
    '/*',
    '*/',
    '- -',
    ' ',
    '\t',
    '\u00a0',
    '\u2028',
    ',',
    '||',
    '(',
    ')',
    '1',
    '0',
    'a',
    'E',
    '$',
    '1$',
    'ä',
    'Ä',
    '\u212a',
  ],
  ...[
    ' tripwire(1) ',
    ',tripwire(1)',
    "'||tripwire(1)||'",
    '"tripwire"(1)',
    'TRIPWIRE(1)',
    ' AS x',
    ';',
    '::text',
    '+',
    '@',
    "E'x'\n'",
  ],
);

interface Reading {
  /** The function that the server sees called and does not know; null where it stopped at nothing of the kind. */
  readonly called: string | null;
  /** The rows, where it ran. */
  readonly rows: string | null;
}

async function serversReading(text: string): Promise<Reading> {
  await client.query('BEGIN READ ONLY');
  try {
    const { rows } = await client.query({ text, rowMode: 'array', queryMode: 'extended' } as pg.QueryArrayConfig);
    return { called: null, rows: JSON.stringify(rows) };
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    const [, name] = /^function ([\s\S]*?)\([^()]*\) does not exist$/.exec(code === '42883' ? message : '') ?? [];
    return { called: name ?? null, rows: null };
  } finally {
    await client.query('ROLLBACK');
  }
}

it('the server calls nothing that the lexer did not see, and reads the rewritten text the same', async () => {
  let [ran, called] = [0, 0];
  await fc.assert(
    fc.asyncProperty(fc.array(PIECE, { minLength: 1, maxLength: 9 }), async (pieces) => {
      const sql = `SELECT ${pieces.join('')}`;
      const words = wordsOf(sql);
      const asTyped = await serversReading(sql);
      if (words.problem === null) {
        const asSent = await serversReading(words.text);
        const calls = words.names.filter(({ use }) => use === 'call').map(({ name }) => name);
        if (asTyped.called !== null) expect(calls).toContain(asTyped.called);
        // What matters most: the text that is sent.
        if (asSent.called !== null) expect(calls).toContain(asSent.called);
        if (asTyped.rows !== null && !words.several) expect(asSent.rows).toBe(asTyped.rows);
      }
      if (asTyped.rows !== null) ran += 1;
      if (asTyped.called !== null) called += 1;
    }),
    { numRuns: RUNS },
  );
  // Else it would prove nothing.
  expect(Math.min(ran, called)).toBeGreaterThan(RUNS / 200);
}, 120_000);
