import { describe, expect, it } from 'vitest';
import { compactJson } from '../../../source/store/read-only-query/runner.js';
import { wordsOf } from '../../../source/store/read-only-query/sql-statement.js';

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
    const { names } =
      wordsOf(`SELECT Count(*), "pg_sleep" (1), pg_catalog . Set_Config /* x */ ('a(', $$b()$$), t.c -- d()
      FROM x`);
    const called = names.filter(({ use }) => use === 'call').map(({ schema, name }) => [schema, name]);
    expect(called).toEqual([
      [null, 'count'],
      [null, 'pg_sleep'],
      ['pg_catalog', 'set_config'],
      [null, 'set_config'],
    ]);
    expect(names).toContainEqual({ schema: null, name: 'c', use: 'attribute' });
    expect(names.map(({ name }) => name)).not.toContain('d');
  });

  it('keeps the kind of a string over a line break', () => {
    // As the server reads it: one string, then a call.
    const { names, text } = wordsOf("SELECT E'x'\n'\\' || ' , pg_read_file('/etc/passwd') --'");
    expect(names).toContainEqual({ schema: null, name: 'pg_read_file', use: 'call' });
    expect(text).toBe("SELECT E'x\\' || ' , pg_read_file('/etc/passwd')");
    expect(wordsOf("SELECT 'a' -- b\n  -- c\n 'd'").text).toBe("SELECT 'ad'");
    expect(wordsOf("SELECT E'a' /* c */\n'\\' , x()").names.map(({ name }) => name)).toContain('x');
  });

  it('writes a statement anew: no comments, one line, simple strings', () => {
    expect(wordsOf("select\n 1 -- a\n+/* b */2, $x$it's$x$, \"A b\", b'01'").text).toBe(
      `select 1 + 2, 'it''s' , "A b", b'01'`,
    );
    expect(wordsOf('select Ärger from Ünder').text).toBe('select "Ärger" from "Ünder"');
    expect(wordsOf('select u&ä').text).toBe('select u& "ä"');
    expect(wordsOf('select ä"b"').text).toBe('select "ä" "b"');
  });

  it.each([
    ['select U&"\\0070g_sleep"(1)', /Unicode escapes/],
    ["select 'x", /closing quote is missing/],
    ["select E'x\\'", /closing quote is missing/],
    ['select "x', /closing quote is missing/],
    ['select $a$x$b$', /does not end/],
    ['select /* /* */ 1', /does not end/],
    ['select \0', /NUL/],
    [`select ${'x'.repeat(64)}()`, /63 bytes/],
  ])('does not send %j', (sql, problem) => {
    expect(wordsOf(sql).problem).toMatch(problem);
    expect(wordsOf("select U&'\\0041', u + 1").problem).toBeNull();
  });

  it('sees operators of other schemas', () => {
    expect(wordsOf('select 1 operator(public.+) 2').foreignOperator).toBe(true);
    expect(wordsOf('select 1 OPERATOR ( pg_catalog . + ) 2').foreignOperator).toBe(false);
  });
});

describe('compact JSON', () => {
  it('drops blanks between tokens, keeps those in strings and every digit', () => {
    const text = '{"a": [1, 9223372036854775807, 1.10], "b c": "x \\" y", \n "d": {}}';
    expect(compactJson(text)).toBe('{"a":[1,9223372036854775807,1.10],"b c":"x \\" y","d":{}}');
  });
});
