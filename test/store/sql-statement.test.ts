import { describe, expect, it } from 'vitest';
import { compactJson } from '../../source/store/compact-json.js';
import { wordsOf } from '../../source/store/sql-statement.js';

describe('the words of a statement', () => {
  it('finds the first word behind comments, blanks and brackets', () => {
    expect(wordsOf('  -- a; b\n /* c /* nested; */ ; */ ( ( select 1))').first).toBe('SELECT');
    expect(wordsOf('').first).toBe('');
    expect(wordsOf('-- nothing').first).toBe('');
    expect(wordsOf('1 + 1').first).toBe('1');
  });

  it.each([
    ['select 1;', false],
    ['select 1 ; ; -- done', false],
    ["select ';'; ", false],
    ["select E'\\';' ", false],
    ['select $a$;$a$, $$;$$', false],
    ['select ";" from (select 1 as ";") x', false],
    ['select 1; select 2', true],
    ["select 'a\\'; commit", true],
    ['select /* ; */ 1; drop table x', true],
  ])('%s', (sql, several) => {
    expect(wordsOf(sql).several).toBe(several);
  });

  it.each([
    ['explain select 1', 'SELECT'],
    ['explain analyze verbose (select 1)', 'SELECT'],
    ['explain (analyze, format json) with x as (select 1) table x', 'WITH'],
    ['explain ((values (1)))', 'VALUES'],
    ['explain (analyze) create table x as select 1', 'CREATE'],
    ['explain analyse execute x', 'EXECUTE'],
    ['select 1', null],
  ])('%s explains %s', (sql, word) => {
    expect(wordsOf(sql).explained).toBe(word);
  });

  it('sees INTO, but not as a quoted name or in a string', () => {
    expect(wordsOf('select 1 Into x').into).toBe(true);
    expect(wordsOf(`select "into", 'into' from into_it`).into).toBe(false);
  });

  it('names what is called, as PostgreSQL folds it, and nothing in strings and comments', () => {
    const { calls } =
      wordsOf(`SELECT Count(*), "pg_sleep" (1), pg_catalog . Set_Config /* x */ ('a(', $$b()$$), t.c -- d()
      FROM x`);
    expect(calls).toEqual(['count', 'pg_sleep', 'set_config', 'c']);
  });

  it('sees names that are hidden by escapes', () => {
    expect(wordsOf('select U&"\\0070g_sleep"(1)').escapedNames).toBe(true);
    expect(wordsOf("select U&'\\0041', u + 1").escapedNames).toBe(false);
  });
});

describe('compact JSON', () => {
  it('drops blanks between tokens, keeps those in strings and every digit', () => {
    const text = '{"a": [1, 9223372036854775807, 1.10], "b c": "x \\" y", \n "d": {}}';
    expect(compactJson(text)).toBe('{"a":[1,9223372036854775807,1.10],"b c":"x \\" y","d":{}}');
  });
});
