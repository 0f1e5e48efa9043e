/** Characters of a failure's text that a sentence has room for. */
const LONGEST = 200;

/**
 * A failure's text as part of one line: white space collapsed, cut after `longest` characters. What a terminal would obey
 * is left for whoever prints it. Null where nothing is left.
 */
export function failureLine(text: string | null, longest: number = LONGEST): string | null {
  if (text === null) return null;
  // The input is bounded by its reader; the slice keeps a longer one from being scanned as a whole.
  const line = text
    .slice(0, 4 * longest)
    .replace(/\s+/g, ' ')
    .trim();
  const characters = [...line];
  if (characters.length === 0) return null;
  return characters.length > longest ? `${characters.slice(0, longest - 1).join('')}…` : line;
}
