/** Columns of a table, and lines drawn with box characters: shapes for the eye. */
const GAP = / {2,}/g;
const RULE = /─{3,}/g;

/** Ink puts a space between any two texts for a screen reader; it gets so much more room that nothing wraps. */
export const SPOKEN_WIDENING = 4;

/** A frame as a screen reader should get it: the words, without the spaces and rules that only make it a picture. */
export function spokenFrame(frame: string): string {
  const lines = frame.split('\n').map((line) => line.replace(RULE, '').replace(GAP, ' ').trimEnd());
  return lines.filter((line, at) => line !== '' || (at > 0 && lines[at - 1] !== '')).join('\n');
}
