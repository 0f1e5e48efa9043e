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
  /** Names that are called or reached through a dot, as PostgreSQL folds them. */
  readonly calls: readonly string[];
  /** True for identifiers written with Unicode escapes, which hide what they name. */
  readonly escapedNames: boolean;
}

/** Comments, strings, quoted names, words, and everything else, in this order of precedence. */
const TOKEN =
  /(?<blank>\s+|--[^\n\r]*)|(?<comment>\/\*)|(?<dollar>\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$)|(?<escaped>[uU]&")|(?<estring>[eE]')|(?<string>')|(?<quoted>"(?:[^"]|"")*")|(?<word>[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)|(?<other>[\s\S])/gy;

interface Token {
  readonly text: string;
  /** False for punctuation. */
  readonly name: boolean;
  readonly quoted?: true;
}

/** Reads a statement's words, with PostgreSQL's own rules for comments, strings and names. */
export function wordsOf(sql: string): StatementWords {
  const tokens: Token[] = [];
  let escapedNames = false;
  let at = 0;
  while (at < sql.length) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(sql);
    const groups = match?.groups;
    if (!match || !groups) break;
    const next = TOKEN.lastIndex;
    if (groups.blank !== undefined) at = next;
    else if (groups.comment !== undefined) at = afterComment(sql, next);
    else if (groups.dollar !== undefined) at = after(sql, groups.dollar, next);
    else if (groups.estring !== undefined) at = afterString(sql, next, true);
    else if (groups.string !== undefined) at = afterString(sql, next, false);
    else {
      escapedNames ||= groups.escaped !== undefined;
      if (groups.quoted !== undefined)
        tokens.push({ text: groups.quoted.slice(1, -1).replaceAll('""', '"'), name: true, quoted: true });
      else if (groups.word !== undefined) tokens.push({ text: groups.word.toLowerCase(), name: true });
      else tokens.push({ text: match[0], name: false });
      at = next;
    }
  }
  const end = tokens.findIndex((token) => !token.name && token.text === ';');
  const rest = end < 0 ? [] : tokens.slice(end);
  const first = firstWord(tokens);
  return {
    first,
    explained: first === 'EXPLAIN' ? firstWord(afterExplain(tokens)) : null,
    into: tokens.some((token) => token.text === 'into' && !token.quoted),
    several: rest.some((token) => token.name || token.text !== ';'),
    calls: callsIn(tokens),
    escapedNames,
  };
}

const firstWord = (tokens: readonly Token[]): string =>
  (tokens.find((token) => token.name || token.text !== '(')?.text ?? '').toUpperCase();

/** EXPLAIN's options are words, or a list in brackets; brackets may also belong to the statement. */
function afterExplain(tokens: readonly Token[]): readonly Token[] {
  let at = tokens.findIndex((token) => token.text === 'explain') + 1;
  const isOption = (token: Token | undefined) => /^(analy[sz]e|verbose)$/.test(token?.text ?? '');
  if (
    tokens[at]?.text === '(' &&
    tokens[at + 1]?.name &&
    !/^(select|with|values|table)$/.test(tokens[at + 1]?.text ?? '')
  ) {
    const close = tokens.findIndex((token, index) => index > at && token.text === ')');
    at = close < 0 ? tokens.length : close + 1;
  }
  while (isOption(tokens[at])) at += 1;
  return tokens.slice(at);
}

function callsIn(tokens: readonly Token[]): string[] {
  const is = (index: number, text: string) => tokens[index]?.name === false && tokens[index]?.text === text;
  const calls = tokens.filter((token, index) => token.name && (is(index + 1, '(') || is(index - 1, '.')));
  return [...new Set(calls.map((token) => token.text))];
}

const after = (sql: string, end: string, from: number): number => {
  const found = sql.indexOf(end, from);
  return found < 0 ? sql.length : found + end.length;
};

/** Comments nest in PostgreSQL. */
function afterComment(sql: string, from: number): number {
  let depth = 1;
  let at = from;
  while (at < sql.length && depth > 0) {
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

function afterString(sql: string, from: number, backslashes: boolean): number {
  let at = from;
  while (at < sql.length) {
    if (backslashes && sql[at] === '\\') at += 2;
    else if (sql[at] !== "'") at += 1;
    else if (sql[at + 1] === "'") at += 2;
    else return at + 1;
  }
  return sql.length;
}
