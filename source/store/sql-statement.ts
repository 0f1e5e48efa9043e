import { rewritten, type SqlToken, tokensOf } from './sql-tokens.js';

/** A name in a statement, and what stands before it. */
export interface SqlName {
  /** The name before the dot; null where there is none. */
  readonly schema: string | null;
  readonly name: string;
  /** `call` before a bracket; `attribute` behind a dot, where PostgreSQL also looks for a function; else `plain`. */
  readonly use: 'call' | 'attribute' | 'plain';
}

/** What one has to know of a statement that somebody wrote before it is sent: no parser, only its words. */
export interface StatementWords {
  /** The first word, in upper case; '' when there is none. */
  readonly first: string;
  /** What EXPLAIN explains: the first word of that statement, in upper case; null where EXPLAIN is not the first. */
  readonly explained: string | null;
  /** True where the word INTO occurs: SELECT INTO makes a table. */
  readonly into: boolean;
  /** True when something follows a semicolon. */
  readonly several: boolean;
  /** Every name, as PostgreSQL folds it. */
  readonly names: readonly SqlName[];
  /** Every character that is not of a name, a number or a string. */
  readonly operators: string;
  /** True where OPERATOR(…) names an operator outside pg_catalog. */
  readonly foreignOperator: boolean;
  /** Why it cannot be read; null where it can. */
  readonly problem: string | null;
  /** The same statement as it is to be sent: see sql-tokens.ts. */
  readonly text: string;
}

/** Reads a statement's words, with PostgreSQL's own rules for comments, strings and names. */
export function wordsOf(sql: string): StatementWords {
  const { tokens, problem } = tokensOf(sql);
  const end = tokens.findIndex((token) => isMark(token, ';'));
  const rest = end < 0 ? [] : tokens.slice(end);
  const first = firstWord(tokens);
  return {
    first,
    explained: first === 'EXPLAIN' ? firstWord(afterExplain(tokens)) : null,
    into: tokens.some((token) => token.kind === 'word' && token.text === 'into'),
    several: rest.some((token) => !isMark(token, ';')),
    names: namesIn(tokens),
    operators: tokens
      .filter((token) => token.kind === 'mark')
      .map((token) => (token.apart ? ` ${token.text}` : token.text))
      .join(''),
    foreignOperator: tokens.some(
      (token, index) =>
        token.text === 'operator' &&
        isMark(tokens[index + 1], '(') &&
        !(tokens[index + 2]?.text === 'pg_catalog' && isMark(tokens[index + 3], '.')),
    ),
    problem,
    // A semicolon at the end may stay: the server takes it.
    text: rewritten(tokens),
  };
}

const isMark = (token: SqlToken | undefined, text: string): boolean => token?.kind === 'mark' && token.text === text;
const isName = (token: SqlToken | undefined): token is SqlToken => token?.kind === 'word' || token?.kind === 'quoted';

const firstWord = (tokens: readonly SqlToken[]): string =>
  (tokens.find((token) => !isMark(token, '('))?.text ?? '').toUpperCase();

/** EXPLAIN's options are words, or a list in brackets; brackets may also belong to the statement. */
function afterExplain(tokens: readonly SqlToken[]): readonly SqlToken[] {
  let at = tokens.findIndex((token) => token.text === 'explain') + 1;
  const isOption = (token: SqlToken | undefined) => /^(analy[sz]e|verbose)$/.test(token?.text ?? '');
  if (
    isMark(tokens[at], '(') &&
    isName(tokens[at + 1]) &&
    !/^(select|with|values|table)$/.test(tokens[at + 1]?.text ?? '')
  ) {
    const close = tokens.findIndex((token, index) => index > at && isMark(token, ')'));
    at = close < 0 ? tokens.length : close + 1;
  }
  while (isOption(tokens[at])) at += 1;
  return tokens.slice(at);
}

/** Names are many and repeat; each is asked for once. */
function namesIn(tokens: readonly SqlToken[]): SqlName[] {
  const found = new Map<string, SqlName>();
  const add = (name: SqlName) => found.set(JSON.stringify([name.schema, name.name, name.use]), name);
  tokens.forEach((token, index) => {
    if (!isName(token)) return;
    const called = isMark(tokens[index + 1], '(');
    const dotted = isMark(tokens[index - 1], '.');
    const before = tokens[index - 2];
    const schema = dotted && isName(before) ? before.text : null;
    add({ schema, name: token.text, use: called ? 'call' : 'plain' });
    if (dotted) add({ schema: null, name: token.text, use: called ? 'call' : 'attribute' });
  });
  return [...found.values()];
}
