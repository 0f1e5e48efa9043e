import { visibleText } from '../domain/visible-text.js';

/** Plain words: nothing in them that any Markdown, or what a forge makes of its text, could take for more. */
const PLAIN = /^[A-Za-z]+\d{0,3}(?:(?:, |[ /-])[A-Za-z]+\d{0,3})*$/;

/**
 * Text from the database or the operator as it may stand in a Markdown line or table cell. What is more than plain words
 * becomes a code span, the only place where neither HTML nor emphasis nor links nor what forges add afterwards
 * (@mentions, bare addresses, #123, commit ids) is looked for; escapes do not keep those out. A pipe would end a cell
 * even there, so it stands between two spans.
 */
export function markdownText(value: string | null): string {
  if (value === null || value === '') return '–';
  const shown = visibleText(value);
  return PLAIN.test(shown) ? shown : shown.split('|').map(codeSpan).join('\\|');
}

/**
 * The text between more backticks than it has in a row; a space on both sides, which the span does not show, keeps its
 * own backticks away from them and its own spaces there.
 */
function codeSpan(text: string): string {
  if (text === '') return '';
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const gap = /^`|`$|^ .*[^ ].* $/.test(text) ? ' ' : '';
  return `${fence}${gap}${text}${gap}${fence}`;
}
