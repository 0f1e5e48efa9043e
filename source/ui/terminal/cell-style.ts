/** Independent parts of a cell's looks, each with the code that switches it off. */
const OFF = {
  weight: '22',
  italic: '23',
  underline: '24',
  blink: '25',
  inverse: '27',
  hidden: '28',
  strike: '29',
  foreground: '39',
  background: '49',
  overline: '55',
} as const;

type Part = keyof typeof OFF;

const PARTS = Object.keys(OFF) as Part[];
const PART_OFF_BY = new Map<string, Part>(PARTS.map((part) => [OFF[part], part]));
const PART_BY_CODE = new Map<string, Part>([
  ['3', 'italic'],
  ['5', 'blink'],
  ['6', 'blink'],
  ['7', 'inverse'],
  ['8', 'hidden'],
  ['9', 'strike'],
  ['53', 'overline'],
]);

/** What can be seen of a style on a space. */
const SEEN_ON_SPACE: readonly Part[] = ['underline', 'inverse', 'strike', 'background', 'overline'];

type Parts = Readonly<Partial<Record<Part, string>>>;

/** How a cell looks: for each part the SGR codes that switch it on. */
export type CellStyle = {
  /** Equal for equal styles. */
  readonly key: string;
  /** Equal for styles in which a space looks the same: its text colour and weight do not show. */
  readonly spaceKey: string;
  readonly parts: Parts;
};

/** The terminal's own colours and nothing else. */
export const PLAIN: CellStyle = { key: '', spaceKey: '', parts: {} };

function styleOf(parts: Parts): CellStyle {
  const keyOf = (names: readonly Part[]) => names.map((part) => parts[part] ?? '').join('|');
  const key = keyOf(PARTS);
  if (key.length === PARTS.length - 1) return PLAIN;
  const space = keyOf(SEEN_ON_SPACE);
  if (space.length === SEEN_ON_SPACE.length - 1) return { key, spaceKey: '', parts };
  return { key, spaceKey: parts.inverse === undefined ? space : key, parts };
}

/** How many of the parameters from `start` belong to an extended colour (38;5;n or 38;2;r;g;b). */
function extendedLength(codes: readonly string[], start: number): number {
  return codes[start + 1] === '5' ? 3 : codes[start + 1] === '2' ? 5 : 1;
}

/** Styles reached, by style and sequence: a theme has few, and text with codes of its own must not fill the memory. */
const reached = new Map<string, CellStyle>();
const MOST_REACHED = 1_000;

/** The style after an SGR sequence. @param parameters what is between CSI and m */
export function applySgr(style: CellStyle, parameters: string): CellStyle {
  const key = `${style.key}/${parameters}`;
  let next = reached.get(key);
  if (next === undefined) {
    if (reached.size >= MOST_REACHED) reached.clear();
    next = readSgr(style, parameters);
    reached.set(key, next);
  }
  return next;
}

function readSgr(style: CellStyle, parameters: string): CellStyle {
  let parts: Partial<Record<Part, string>> = { ...style.parts };
  const codes = parameters.split(';');
  for (let index = 0; index < codes.length; index++) {
    const code = codes[index] ?? '';
    const off = PART_OFF_BY.get(code);
    if (code === '' || code === '0') parts = {};
    else if (off !== undefined) delete parts[off];
    else if (code === '38' || code === '48') {
      const length = extendedLength(codes, index);
      if (length > 1) parts[code === '38' ? 'foreground' : 'background'] = codes.slice(index, index + length).join(';');
      index += length - 1;
    } else if (code === '1' || code === '2') {
      if (parts.weight === undefined) parts.weight = code;
      else if (parts.weight !== code) parts.weight = '1;2';
    } else if (/^(?:3[0-7]|9[0-7]|38:.*)$/.test(code)) parts.foreground = code;
    else if (/^(?:4[0-7]|10[0-7]|48:.*)$/.test(code)) parts.background = code;
    else if (/^(?:4|21|4:[1-5])$/.test(code)) parts.underline = code;
    else if (code === '4:0') delete parts.underline;
    else {
      const part = PART_BY_CODE.get(code);
      if (part !== undefined) parts[part] = code;
    }
  }
  return styleOf(parts);
}

/** The shortest SGR sequence found from one style to another; empty when they are equal. */
export function transition(from: CellStyle, to: CellStyle): string {
  if (from.key === to.key) return '';
  if (to.key === '') return '\u001b[m';
  const codes: string[] = [];
  for (const part of PARTS) {
    const [before, after] = [from.parts[part], to.parts[part]];
    if (before === after) continue;
    // Bold and dim add up, so what is on must go off before the other comes alone.
    if (after === undefined || (part === 'weight' && before !== undefined)) codes.push(OFF[part]);
    if (after !== undefined) codes.push(after);
  }
  return `\u001b[${codes.join(';')}m`;
}
