/**
 * Lines that Ink places without reading them. Ink 8 splits every text of every frame into its characters, twice, and
 * joins them again: three quarters of a frame of 39 coloured rows. A line that has its final width needs none of that, so
 * Ink is given a mark of one cell in its place, and the line is put in where the frame comes out (docs/decisions).
 */
export type DrawnLines = {
  /** Keeps a line, or a block of lines whose other rows Ink leaves blank, until `forget`; answers its mark. */
  readonly hold: (text: string) => string;
  readonly forget: (mark: string) => void;
  /** A frame as Ink made it, with the lines in place of their marks. */
  readonly expand: (frame: string) => string;
};

/**
 * Marks are the private characters of Unicode's last plane. Text from the database cannot forge one: visibleText shows
 * such a character by its number. A hyperlink, which Ink carries along too, is 16 characters to split instead of one.
 */
const FIRST_MARK = 0x100000;
const MARKS = 0xfffe;
const MARK = /[\u{100000}-\u{10fffd}]/gu;
/** Ink may write a frame a moment after the next one was made, so forgotten lines are kept for a while. */
const KEPT_AFTER = 500;

export function createDrawnLines(): DrawnLines {
  const lines = new Map<string, string>();
  let forgotten: string[] = [];
  let last = 0;

  /** A mark is used again after all the others, long after it was forgotten; a line still held keeps its own. */
  function newMark(): string {
    let mark: string;
    do {
      last = (last + 1) % MARKS;
      mark = String.fromCodePoint(FIRST_MARK + last);
    } while (lines.has(mark));
    return mark;
  }

  return {
    hold: (line) => {
      const mark = newMark();
      lines.set(mark, line);
      return mark;
    },
    forget: (mark) => {
      forgotten.push(mark);
      if (forgotten.length < 2 * KEPT_AFTER) return;
      for (const old of forgotten.slice(0, KEPT_AFTER)) lines.delete(old);
      forgotten = forgotten.slice(KEPT_AFTER);
    },
    expand: (frame) => {
      const rows = frame.split('\n');
      for (let row = 0; row < rows.length; row += 1) {
        const [first = '', ...below] = (rows[row] ?? '').replace(MARK, (mark) => lines.get(mark) ?? ' ').split('\n');
        rows[row] = first;
        for (const line of below.slice(0, rows.length - row - 1)) {
          row += 1;
          rows[row] = line;
        }
      }
      return rows.join('\n');
    },
  };
}
