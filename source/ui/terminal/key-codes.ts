import type { KeyEvent, MouseEvent, NamedKey } from './input-event.js';

const BUTTONS = ['left', 'middle', 'right', 'none'] as const;
const SHIFT = 4;
const META = 8;
const CTRL = 16;
const MOTION = 32;
const WHEEL = 64;

/**
 * A mouse report in SGR form, CSI < button ; column ; row M (press) or m (release).
 * @returns undefined for releases, motion, sideways wheels and malformed reports
 */
export function mouseEvent(parameters: string, final: string): MouseEvent | undefined {
  const match = /^<(\d+);(\d+);(\d+)$/.exec(parameters);
  if (match === null || final !== 'M') return undefined;
  const [code = 0, column = 1, row = 1] = match.slice(1).map(Number);
  if ((code & MOTION) !== 0 || code >= 128) return undefined;
  const which = code & 3;
  const isWheel = (code & WHEEL) !== 0;
  if (isWheel && which > 1) return undefined;
  return {
    kind: 'mouse',
    action: isWheel ? (which === 0 ? 'wheel-up' : 'wheel-down') : 'press',
    button: isWheel ? 'none' : (BUTTONS[which] ?? 'none'),
    x: Math.max(0, column - 1),
    y: Math.max(0, row - 1),
    ctrl: (code & CTRL) !== 0,
    meta: (code & META) !== 0,
    shift: (code & SHIFT) !== 0,
  };
}

/** CSI and SS3 sequences that end in a letter. */
const BY_LETTER: Readonly<Record<string, NamedKey>> = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  F: 'end',
  H: 'home',
  M: 'enter',
  P: 'f1',
  Q: 'f2',
  R: 'f3',
  S: 'f4',
};

/** CSI <number> ~, in the numbering of xterm and of rxvt (7, 8). */
const BY_NUMBER: Readonly<Record<number, NamedKey>> = {
  1: 'home',
  2: 'insert',
  3: 'delete',
  4: 'end',
  5: 'pageup',
  6: 'pagedown',
  7: 'home',
  8: 'end',
  11: 'f1',
  12: 'f2',
  13: 'f3',
  14: 'f4',
  15: 'f5',
  17: 'f6',
  18: 'f7',
  19: 'f8',
  20: 'f9',
  21: 'f10',
  23: 'f11',
  24: 'f12',
};

/** CSI [ A…E: the Linux console's function keys. */
const LINUX_CONSOLE: Readonly<Record<string, NamedKey>> = { A: 'f1', B: 'f2', C: 'f3', D: 'f4', E: 'f5' };

const BY_CODE_POINT: Readonly<Record<number, NamedKey>> = {
  8: 'backspace',
  9: 'tab',
  10: 'enter',
  13: 'enter',
  27: 'escape',
  32: 'space',
  127: 'backspace',
};

type Modifiers = { readonly ctrl?: boolean; readonly meta?: boolean; readonly shift?: boolean };

/** A key that inserts no text. */
export function namedKey(name: string, { ctrl = false, meta = false, shift = false }: Modifiers = {}): KeyEvent {
  return { kind: 'key', name, text: '', ctrl, meta, shift };
}

/** A character as it arrives: printable, or a control character that stands for a key. */
export function characterKey(character: string, meta = false): KeyEvent {
  const code = character.codePointAt(0) ?? 0;
  const name = BY_CODE_POINT[code];
  if (name === 'space' && !meta) return { ...namedKey('space'), text: ' ' };
  if (name !== undefined) return namedKey(name, { meta });
  if (code === 0) return namedKey('space', { ctrl: true, meta });
  // Ctrl-A…Ctrl-Z are 1…26; Ctrl with \ ] ^ _ are 28…31.
  if (code < 32) return namedKey(String.fromCharCode(code + (code <= 26 ? 96 : 64)), { ctrl: true, meta });
  return meta ? namedKey(character, { meta }) : { ...namedKey(character), text: character };
}

/** xterm's modifier parameter: 1 plus a bit each for shift, alt and ctrl (meta counts as alt). */
function modifiers(parameter: number | undefined): Required<Modifiers> {
  const bits = Math.max(0, (parameter ?? 1) - 1);
  return { shift: (bits & 1) !== 0, meta: (bits & 10) !== 0, ctrl: (bits & 4) !== 0 };
}

/** A key that the terminal names by code point and modifiers (CSI u, and xterm's modifyOtherKeys). */
function codePointKey(codePoint: number | undefined, parameter: number | undefined): KeyEvent | undefined {
  if (codePoint === undefined || codePoint <= 0 || codePoint > 0x10ffff) return undefined;
  const pressed = modifiers(parameter);
  const name = BY_CODE_POINT[codePoint];
  if (name !== undefined && name !== 'space') return namedKey(name, pressed);
  const character = String.fromCodePoint(codePoint);
  if (pressed.ctrl) return namedKey(name ?? character.toLowerCase(), { ctrl: true, meta: pressed.meta });
  return characterKey(pressed.shift ? character.toUpperCase() : character, pressed.meta);
}

/**
 * The key that a control sequence stands for.
 * @param parameters what is between the introducer and the final character
 * @returns undefined for a sequence that is not a key (a report, an unknown one)
 */
export function sequenceKey(introducer: '[' | 'O' | '[[', parameters: string, final: string): KeyEvent | undefined {
  if (introducer === '[[') {
    const name = LINUX_CONSOLE[final];
    return name && namedKey(name);
  }
  const numbers = parameters.split(';').map((part) => (part === '' ? undefined : Number.parseInt(part, 10)));
  if (final === 'u') return codePointKey(numbers[0], numbers[1]);
  if (final === '~' && numbers[0] === 27) return codePointKey(numbers[2], numbers[1]);
  if (final === 'Z') return namedKey('tab', { shift: true });
  const name = final === '~' ? BY_NUMBER[numbers[0] ?? 0] : BY_LETTER[final];
  // CSI M is the old mouse report and SS3 M the keypad's Enter.
  if (name === undefined || (name === 'enter' && introducer === '[')) return undefined;
  return namedKey(name, modifiers(numbers[1]));
}
