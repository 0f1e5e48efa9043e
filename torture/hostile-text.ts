import type { Random } from '../source/demo/engine/random.js';

/** Sequences that only a hostile row holds: their numbers occur nowhere else, so that one that gets through is known. */
const SEQUENCES = [
  '\u001b]0;owned\u0007',
  '\u001b]52;c;b3duZWQ=\u0007',
  '\u001b[7777;1H',
  '\u001b[3777m',
  '\u001b[?7777h',
  '\u001bP7777\u001b\\',
  '\u001b_7777\u001b\\',
  '\u009b7777H',
];
const CHARACTERS = [
  ...['\u0000', '\u0007', '\b', '\r', '\n', '\t', '\u007f', '\u0085', '\u200b', '\u200e', '\u202e', '\u2066', '\u2069'],
  ...['\ufeff', '\u2028', '\ud800', '\u{e0041}', '\u034f', '\u115f', '\u3164'],
];
const WIDE = ['集', '計', '📦', '👩‍👩‍👧', '🇩🇪', 'é', 'ﷺ', '𒐫', 'ｆ', 'a', 'etl/', 'x'.repeat(80)];

/** A text of a row that tries to command the terminal, to hide, or to be wider than it looks. */
export function hostileText(random: Random): string {
  return Array.from({ length: random.whole(1, 8) }, () =>
    random.pick(random.pick([SEQUENCES, CHARACTERS, WIDE, WIDE])),
  ).join('');
}

/** What a terminal would obey, or what reorders or hides text. Line ends and colours are the program's own layout. */
const RAW =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028\u202a-\u202e\u2066-\u2069\ufeff\u3164\u115f]/;
const COLOURS = /\u001b\[[0-9;]*m/g;

/** The first hostile thing in a frame of the console, or null. */
export function rawIn(frame: string): string | null {
  const sequence = SEQUENCES.find((each) => frame.includes(each));
  if (sequence !== undefined) return sequence;
  return RAW.exec(frame.replace(COLOURS, ''))?.[0] ?? null;
}

/** The first hostile sequence in all that a program has written to its terminal, or null. */
export const hostileIn = (output: string): string | null => SEQUENCES.find((each) => output.includes(each)) ?? null;
