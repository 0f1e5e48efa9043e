/** A token of a statement, in PostgreSQL's own reading (src/backend/parser/scan.l). */
export interface SqlToken {
  readonly kind: 'word' | 'quoted' | 'string' | 'mark';
  /** A name as PostgreSQL folds it; a mark as it stands; of strings, nothing. */
  readonly text: string;
  /** True where blanks or a comment stand before it. */
  readonly apart: boolean;
  /** How it is written in the statement that is sent. */
  readonly sql: string;
}

export interface SqlTokens {
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
export function tokensOf(sql: string): SqlTokens {
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
    else add('mark', groups.mark!, groups.mark!);
    if (next < 0) return bad('a comment does not end');
    at = next;
  }
  const long = tokens.find(({ kind, text }) => kind !== 'string' && Buffer.byteLength(text) > MAX_NAME_BYTES);
  if (long) return bad(`a name is longer than PostgreSQL's ${MAX_NAME_BYTES} bytes; write it as it is in the database`);
  return { tokens, problem: null };
}

/** The statement as it is sent. */
export const rewritten = (tokens: readonly SqlToken[]): string =>
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
