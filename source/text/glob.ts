/**
 * Whether a text matches a glob: `*` is any run of characters (slashes too, as catalog paths have them), `?` is one.
 * Without either the pattern is looked for anywhere. Case does not count.
 *
 * Each piece between stars is looked for once, from where the last one ended, and a piece without `?` by Knuth, Morris
 * and Pratt: the work is linear in text and pattern together, so no pattern that is typed blocks anything.
 */
export function matchesGlob(pattern: string, text: string): boolean {
  return compileGlob(pattern)(text);
}

/** The same for many texts. */
export function compileGlob(pattern: string): (text: string) => boolean {
  const wanted = pattern.toLowerCase();
  const pieces = (/[*?]/.test(wanted) ? wanted : `*${wanted}*`).split('*');
  const [first = ''] = pieces;
  const last = pieces.at(-1) ?? '';
  const middle = pieces
    .slice(1, -1)
    .filter((piece) => piece !== '')
    .map(finderOf);
  return (text) => {
    const given = text.toLowerCase();
    let at = matchAt(first, given, 0);
    if (at < 0) return false;
    if (pieces.length === 1) return at === given.length;
    for (const find of middle) {
      at = find(given, at);
      if (at < 0) return false;
    }
    return endsWithPiece(last, given, at);
  };
}

/** Finds a piece at or after a place, and answers where it ends; -1 where it is not. */
type Finder = (text: string, from: number) => number;

const isHigh = (code: number): boolean => code >= 0xd800 && code <= 0xdbff;
const isLow = (code: number): boolean => code >= 0xdc00 && code <= 0xdfff;

/** Where a piece that begins at a place ends; -1 where it does not begin there. `?` takes a whole surrogate pair. */
function matchAt(piece: string, text: string, from: number): number {
  let at = from;
  for (let index = 0; index < piece.length; index++) {
    if (at >= text.length) return -1;
    if (piece[index] === '?') at += isHigh(text.charCodeAt(at)) && isLow(text.charCodeAt(at + 1)) ? 2 : 1;
    else if (piece[index] === text[at]) at += 1;
    else return -1;
  }
  return at;
}

function endsWithPiece(piece: string, text: string, from: number): boolean {
  let at = text.length;
  for (let index = piece.length - 1; index >= 0; index--) {
    if (at <= from) return false;
    if (piece[index] === '?')
      at -= at - 2 >= from && isLow(text.charCodeAt(at - 1)) && isHigh(text.charCodeAt(at - 2)) ? 2 : 1;
    else if (piece[index] === text[at - 1]) at -= 1;
    else return false;
  }
  return true;
}

/** Longer pieces with `?` in them name nothing that exists, and each of their places costs a comparison. */
const LONGEST_WITH_WILDCARD = 256;

function finderOf(piece: string): Finder {
  if (piece.includes('?')) {
    if (piece.length > LONGEST_WITH_WILDCARD) return () => -1;
    return (text, from) => {
      for (let start = from; start < text.length; start++) {
        const end = matchAt(piece, text, start);
        if (end >= 0) return end;
      }
      return -1;
    };
  }
  const borders = bordersOf(piece);
  return (text, from) => {
    let matched = 0;
    for (let at = from; at < text.length; at++) {
      // One border for each character of the piece, and at most so many have matched.
      while (matched > 0 && piece[matched] !== text[at]) matched = borders[matched - 1]!;
      if (piece[matched] === text[at]) matched += 1;
      if (matched === piece.length) return at + 1;
    }
    return -1;
  };
}

/** For each prefix, the length of its longest proper prefix that ends it too. */
function bordersOf(piece: string): Uint32Array {
  const borders = new Uint32Array(piece.length);
  for (let at = 1, length = 0; at < piece.length; at++) {
    // As above: a border for each character.
    while (length > 0 && piece[length] !== piece[at]) length = borders[length - 1]!;
    if (piece[length] === piece[at]) length += 1;
    borders[at] = length;
  }
  return borders;
}
