import fc from 'fast-check';
import pg from 'pg';
import { parseFilter, passes } from '../../source/domain/filter.js';
import { isVisible, visibleJson, visibleText } from '../../source/text/visible-text.js';
import type { ListClock, ListRow } from '../../source/ui/rows/list-row.js';
import { createTestDatabase } from '../../test/helpers/database.js';
import { compareReadings, SQL_PIECE } from '../../test/helpers/sql-reading.js';
import { staleRow } from '../../test/ui/helpers/executions.js';
import { type FuzzTarget, textOf } from './target.js';

const FILTER_WORDS = [
  ...[
    'path:',
    'step:',
    'why:',
    'worker:',
    'reason:',
    'by:',
    'parent:',
    'id:',
    'age>',
    'age<',
    'run>',
    'cohort:',
    'status:',
    'is:',
  ],
  ...['*', '?', '-', '"', ' ', 'etl/*', '10m', '2h', '*a*a*a*a*b', 'orphaned', '632110245082301156', 'a'.repeat(300)],
];
const CLOCK = { now: 0, staleAfterMs: 600_000 } as ListClock;
/** A matcher that tries every way to match would need years for some of these. */
const SLOW_MS = 1_000;

export const filters: FuzzTarget = {
  name: 'filters',
  cases: [20_000, 1_000],
  open: async () => ({
    property: fc.asyncProperty(textOf(FILTER_WORDS, 10) as fc.Arbitrary<unknown>, async (text) => {
      const start = performance.now();
      const result = parseFilter(text as string);
      const row = {
        ...staleRow('7', 'orphaned', { path: 'a'.repeat(2_000) }),
        cancellation: null,
      } as unknown as ListRow;
      if ('filter' in result) passes(result.filter as never, row, CLOCK);
      if (performance.now() - start > SLOW_MS) throw new Error('slower than its length allows');
    }),
  }),
};

/** Text of rows, as tables, JSON and screens show it: nothing that a terminal obeys is left, and JSON keeps its meaning. */
export const rowTexts: FuzzTarget = {
  name: 'row texts',
  cases: [10_000, 500],
  open: async () => ({
    property: fc.asyncProperty(
      textOf(['a', '\u001b', ']0;', '\u0007', '日本'], 20) as fc.Arbitrary<unknown>,
      async (given) => {
        const text = given as string;
        const shown = visibleText(text);
        if (!isVisible(shown) || /[\u0000-\u001f\u007f-\u009f]/.test(shown)) throw new Error('something is left');
        const json = visibleJson({ [text]: [text] });
        if (!isVisible(json) || JSON.parse(json)[text]?.[0] !== text) throw new Error('JSON changed its meaning');
      },
    ),
  }),
};

/** The lexer of `query` against the server's own reading of the same text. */
export const queries: FuzzTarget = {
  name: 'queries',
  cases: [5_000, 200],
  open: async () => {
    const db = await createTestDatabase({ empty: true });
    const client = new pg.Client({ connectionString: db.url });
    await client.connect();
    await client.query('SET standard_conforming_strings = on');
    const sql = fc.array(SQL_PIECE, { minLength: 1, maxLength: 9 }).map((pieces) => `SELECT ${pieces.join('')}`);
    return {
      property: fc.asyncProperty(sql as fc.Arbitrary<unknown>, async (text) => {
        const { problem } = await compareReadings(client, text as string);
        if (problem !== null) throw new Error(problem);
      }),
      close: async () => {
        await client.end();
        await db.close();
      },
    };
  },
};
