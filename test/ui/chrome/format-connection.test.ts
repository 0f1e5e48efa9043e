import { describe, expect, it } from 'vitest';
import { fitConnection, formatConnection } from '../../../source/ui/chrome/format-connection.js';

const connection = { host: 'db', port: 5432, database: 'noetl', user: 'ann', schema: 'noetl' };
const API = 'api http://noetl.internal:8082';

describe('the header says where one is, and which way cancels go', () => {
  const where = formatConnection(connection, 'prod');

  it.each([
    [null, 80, 'prod: ann@db:5432/noetl'],
    ['table', 80, 'prod: ann@db:5432/noetl · cancels via table'],
    [API, 80, 'prod: ann@db:5432/noetl · cancels via api http://noetl.internal:8082'],
    [API, 40, 'prod: ann@db:5432/noetl · via api'],
  ])('writing by %s in %i cells', (writes, cells, words) => {
    expect(fitConnection(where, writes, cells)).toBe(words);
  });

  it('in a few cells, the way stays and the connection is cut', () => {
    const shown = fitConnection(where, API, 24);
    expect(shown).toMatch(/^prod: ann.* · via api$/);
    expect(shown.length).toBeLessThanOrEqual(24);
  });
});
