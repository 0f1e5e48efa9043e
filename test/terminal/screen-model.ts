import headless from '@xterm/headless';

/** A colour as xterm holds it: an index of the palette, or 0xRRGGBB. */
export type CellColour =
  | { readonly kind: 'default' }
  | { readonly kind: 'palette'; readonly index: number }
  | { readonly kind: 'rgb'; readonly value: number };

/** One cell of the screen, as a terminal would draw it. The second cell of a wide character has width 0. */
export type ScreenCell = {
  readonly text: string;
  readonly width: number;
  readonly foreground: CellColour;
  readonly background: CellColour;
  readonly bold: boolean;
  readonly dim: boolean;
  readonly italic: boolean;
  readonly underline: boolean;
  readonly inverse: boolean;
  readonly strike: boolean;
};

/** What a terminal shows after everything that was written to it. */
export type ScreenModel = {
  /** Resolves when the bytes have been taken in. */
  readonly write: (bytes: Uint8Array) => Promise<void>;
  /** The visible lines, without blanks at their ends. */
  readonly lines: () => string[];
  readonly cells: () => ScreenCell[][];
  readonly resize: (columns: number, rows: number) => void;
  readonly size: () => { readonly columns: number; readonly rows: number };
  /** The DEC private modes that programs switched on and did not switch off (25 is the visible cursor). */
  readonly modes: () => ReadonlySet<number>;
  /** The lines of the ordinary buffer, scrollback included, whichever buffer is shown. */
  readonly ordinaryLines: () => string[];
  /** What OSC 52 put on the clipboard, decoded, in order. */
  readonly copied: () => readonly string[];
  readonly dispose: () => void;
};

type BufferCell = NonNullable<ReturnType<NonNullable<ReturnType<headless.IBuffer['getLine']>>['getCell']>>;

function colour(isDefault: boolean, isPalette: boolean, value: number): CellColour {
  if (isDefault) return { kind: 'default' };
  return isPalette ? { kind: 'palette', index: value } : { kind: 'rgb', value };
}

function screenCell(cell: BufferCell): ScreenCell {
  return {
    // A cell that nothing was ever written to is drawn as a space.
    text: cell.getChars() || (cell.getWidth() === 0 ? '' : ' '),
    width: cell.getWidth(),
    foreground: colour(cell.isFgDefault(), cell.isFgPalette(), cell.getFgColor()),
    background: colour(cell.isBgDefault(), cell.isBgPalette(), cell.getBgColor()),
    bold: cell.isBold() !== 0,
    dim: cell.isDim() !== 0,
    italic: cell.isItalic() !== 0,
    underline: cell.isUnderline() !== 0,
    inverse: cell.isInverse() !== 0,
    strike: cell.isStrikethrough() !== 0,
  };
}

/** Lines that were longer before the terminal shrank keep their tails inside xterm; nobody sees those. */
function bufferLines(buffer: headless.IBuffer, from: number, count: number, columns: number): string[] {
  const line = (row: number) => buffer.getLine(row)?.translateToString(true, 0, columns) ?? '';
  return Array.from({ length: count }, (_, row) => line(from + row).trimEnd());
}

/** An empty screen. */
export function createScreenModel(columns: number, rows: number): ScreenModel {
  const terminal = new headless.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 1_000 });
  const modes = new Set([7, 25]);
  const copied: string[] = [];
  for (const final of ['h', 'l']) {
    terminal.parser.registerCsiHandler({ prefix: '?', final }, (parameters) => {
      for (const mode of parameters.flat()) {
        if (final === 'h') modes.add(mode);
        else modes.delete(mode);
      }
      return false;
    });
  }
  terminal.parser.registerOscHandler(52, (data) => {
    copied.push(Buffer.from(data.slice(data.indexOf(';') + 1), 'base64').toString('utf8'));
    return true;
  });
  const active = () => terminal.buffer.active;
  return {
    write: (bytes) => new Promise((resolve) => terminal.write(bytes, resolve)),
    lines: () => bufferLines(active(), active().baseY, terminal.rows, terminal.cols),
    cells: () =>
      Array.from({ length: terminal.rows }, (_, row) => {
        const line = active().getLine(active().baseY + row);
        return Array.from({ length: terminal.cols }, (__, column) => screenCell(line!.getCell(column)!));
      }),
    resize: (nextColumns, nextRows) => terminal.resize(nextColumns, nextRows),
    size: () => ({ columns: terminal.cols, rows: terminal.rows }),
    modes: () => modes,
    ordinaryLines: () => bufferLines(terminal.buffer.normal, 0, terminal.buffer.normal.length, terminal.cols),
    copied: () => copied,
    dispose: () => terminal.dispose(),
  };
}
