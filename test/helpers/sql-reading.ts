import fc from 'fast-check';
import type pg from 'pg';
import { wordsOf } from '../../source/store/read-only-query/sql-statement.js';

/** Pieces on whose reading everything turns: quotes, escapes, comments, line breaks, and a call that does not exist. */
export const SQL_PIECE = fc.constantFrom(
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

async function serversReading(client: pg.Client, text: string): Promise<Reading> {
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

/** What a comparison saw, and what was wrong with it. */
export interface Comparison {
  /** The text as typed ran; or it called the function that does not exist. */
  readonly ran: boolean;
  readonly called: boolean;
  /** Null where the lexer saw every call that the server sees, and the rewritten text means the same. */
  readonly problem: string | null;
}

/** Holds the lexer's reading of a statement, and the text that it sends, against the server's own reading. */
export async function compareReadings(client: pg.Client, sql: string): Promise<Comparison> {
  const words = wordsOf(sql);
  const asTyped = await serversReading(client, sql);
  const seen = { ran: asTyped.rows !== null, called: asTyped.called !== null };
  if (words.problem !== null) return { ...seen, problem: null };
  const asSent = await serversReading(client, words.text);
  const calls = words.names.filter(({ use }) => use === 'call').map(({ name }) => name);
  // What matters most is the text that is sent.
  for (const { called } of [asTyped, asSent]) {
    if (called !== null && !calls.includes(called)) return { ...seen, problem: `the lexer does not see ${called}()` };
  }
  const changed = asTyped.rows !== null && !words.several && asSent.rows !== asTyped.rows;
  return { ...seen, problem: changed ? `${asTyped.rows} became ${asSent.rows}: ${words.text}` : null };
}
