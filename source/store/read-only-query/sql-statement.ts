/** A token of a statement, in PostgreSQL's own reading (src/backend/parser/scan.l). */
interface SqlToken {
  readonly kind: 'word' | 'quoted' | 'string' | 'mark';
  /** A name as PostgreSQL folds it; a mark as it stands; of strings, nothing. */
  readonly text: string;
  /** True where blanks or a comment stand before it. */
  readonly apart: boolean;
  /** How it is written in the statement that is sent. */
  readonly sql: string;
}

interface SqlTokens {
  readonly tokens: readonly SqlToken[];
  /** Why this text is not sent at all; null where it can be read. */
  readonly problem: string | null;
}

/**
 * Blanks are PostgreSQL's, not JavaScript's: a no-break space is a letter to the server. Letters are ASCII and all that
 * is above; only ASCII folds.
 */
const TOKEN =
  /(?<blank>[ \t\n\r\f\v]+|--[^\n\r]*)|(?<comment>\/\*)|(?<dollar>\$(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$)|(?<escaped>[uU]&")|(?<estring>[eE]')|(?<string>')|(?<quoted>"(?:[^"]|"")*")|(?<word>[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)|(?<mark>[\s\S])/y;
/** A string goes on where only blanks with a line break, and line comments, stand before the next quote. */
const CONTINUED = /[ \t\f\v]*(?:--[^\n\r]*)?[\n\r](?:[ \t\n\r\f\v]+|--[^\n\r]*[\n\r])*'/y;
const MAX_NAME_BYTES = 63;

/**
 * Cuts a statement into tokens and says how to write it anew: without comments, on one line, every string in its
 * simplest form. What is sent is the text written anew, so that the server cannot read it otherwise than it was checked:
 * where this reading should ever be wrong, the server sees the wrong reading too.
 */
function tokensOf(sql: string): SqlTokens {
  const tokens: SqlToken[] = [];
  let apart = false;
  let at = 0;
  const bad = (problem: string): SqlTokens => ({ tokens, problem });
  const add = (kind: SqlToken['kind'], text: string, written: string) => {
    tokens.push({ kind, text, apart, sql: written });
    apart = false;
  };
  if (sql.includes('\0')) return bad('a NUL character cannot be sent to PostgreSQL');
  while (at < sql.length) {
    TOKEN.lastIndex = at;
    // The last alternative takes any character, and all of them are named groups.
    const match = TOKEN.exec(sql)!;
    const groups = match.groups!;
    let next = TOKEN.lastIndex;
    if (groups.blank !== undefined) apart = true;
    else if (groups.comment !== undefined) {
      next = afterComment(sql, next);
      apart = true;
    } else if (groups.dollar !== undefined) {
      const end = sql.indexOf(groups.dollar, next);
      if (end < 0) return bad(`a string that begins with ${groups.dollar} does not end`);
      apart = true;
      add('string', '', `'${sql.slice(next, end).replaceAll("'", "''")}'`);
      apart = true;
      next = end + groups.dollar.length;
      at = next;
      continue;
    } else if (groups.escaped !== undefined)
      return bad('names with Unicode escapes (U&"…") are refused; write them out');
    else if (groups.estring !== undefined || groups.string !== undefined) {
      const string = readString(sql, next, groups.estring !== undefined);
      if (!string) return bad("a string's closing quote is missing");
      add('string', '', `${groups.estring === undefined ? '' : 'E'}'${string.body}'`);
      next = string.end;
    } else if (groups.quoted !== undefined) {
      add('quoted', groups.quoted.slice(1, -1).replaceAll('""', '"'), groups.quoted);
    } else if (groups.word !== undefined) {
      const folded = groups.word.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
      // What the server folds beyond ASCII depends on its encoding and locale; a quoted name folds nowhere. Apart from
      // its neighbours: two quotes that meet, or U& before one, would be read as one token.
      const quote = /[\u0080-\uffff]/.test(folded);
      apart ||= quote;
      add('word', folded, quote ? `"${folded}"` : groups.word);
      apart = quote;
    } else if (groups.mark === '"') return bad("a quoted name's closing quote is missing");
    else add('mark', match[0], match[0]);
    if (next < 0) return bad('a comment does not end');
    at = next;
  }
  const long = tokens.find(({ kind, text }) => kind !== 'string' && Buffer.byteLength(text) > MAX_NAME_BYTES);
  if (long) return bad(`a name is longer than PostgreSQL's ${MAX_NAME_BYTES} bytes; write it as it is in the database`);
  return { tokens, problem: null };
}

/** The statement as it is sent. */
const rewritten = (tokens: readonly SqlToken[]): string =>
  tokens.map((token, index) => (token.apart && index > 0 ? ` ${token.sql}` : token.sql)).join('');

/** Comments nest; -1 where one does not end. */
function afterComment(sql: string, from: number): number {
  let depth = 1;
  let at = from;
  while (depth > 0) {
    if (at >= sql.length) return -1;
    if (sql.startsWith('*/', at)) depth -= 1;
    else if (sql.startsWith('/*', at)) depth += 1;
    else {
      at += 1;
      continue;
    }
    at += 2;
  }
  return at;
}

/** A string's body, its continuations joined to it; a continuation keeps the kind of the string that it continues. */
function readString(sql: string, from: number, backslashes: boolean): { body: string; end: number } | null {
  let body = '';
  let start = from;
  let at = from;
  while (at < sql.length) {
    if (backslashes && sql[at] === '\\') at += 2;
    else if (sql[at] !== "'") at += 1;
    else if (sql[at + 1] === "'") at += 2;
    else {
      body += sql.slice(start, at);
      CONTINUED.lastIndex = at + 1;
      if (!CONTINUED.test(sql)) return { body, end: at + 1 };
      start = CONTINUED.lastIndex;
      at = start;
    }
  }
  return null;
}

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
  /** The same statement as it is to be sent: see tokensOf. */
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
