import { describe, expect, it } from 'vitest';
import { connectionWords } from '../../../source/ui/presentation/connection-words.js';

const connection = { host: 'db', port: 5432, database: 'noetl', user: 'ann', schema: 'noetl' };

describe('the header says where one is, and which way cancels go', () => {
  it.each([
    [null, null, 'ann@db:5432/noetl'],
    ['prod', 'table', 'prod: ann@db:5432/noetl · cancels via table'],
    ['prod', 'api http://noetl:8082', 'prod: ann@db:5432/noetl · cancels via api http://noetl:8082'],
  ])('profile %s, writing by %s', (profile, writes, words) => {
    expect(connectionWords(connection, profile, writes)).toBe(words);
  });
});
