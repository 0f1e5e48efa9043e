const ESC = '\u001b';

const BYTES: Readonly<Record<string, string>> = {
  up: `${ESC}[A`,
  down: `${ESC}[B`,
  right: `${ESC}[C`,
  left: `${ESC}[D`,
  home: `${ESC}[H`,
  end: `${ESC}[F`,
  insert: `${ESC}[2~`,
  delete: `${ESC}[3~`,
  pageup: `${ESC}[5~`,
  pagedown: `${ESC}[6~`,
  f1: `${ESC}OP`,
  f2: `${ESC}OQ`,
  f3: `${ESC}OR`,
  f4: `${ESC}OS`,
  f5: `${ESC}[15~`,
  enter: '\r',
  escape: ESC,
  tab: '\t',
  'shift-tab': `${ESC}[Z`,
  backspace: '\u007f',
  space: ' ',
};

/** What xterm sends for a key called as keyId calls it. A name that is no key is text, typed as it stands. */
export function keyBytes(name: string): string {
  const named = BYTES[name];
  if (named !== undefined) return named;
  const ctrl = /^ctrl-([a-z\\\]^_])$/.exec(name)?.[1];
  if (ctrl !== undefined) return String.fromCharCode(ctrl.toUpperCase().charCodeAt(0) - 64);
  const alt = /^alt-(.)$/su.exec(name)?.[1];
  return alt === undefined ? name : ESC + alt;
}

/** A bracketed paste of a text. */
export function pasteBytes(text: string): string {
  return `${ESC}[200~${text}${ESC}[201~`;
}

/** An SGR mouse report; `column` and `row` count from 0. */
export function mouseBytes(action: 'press' | 'wheel-up' | 'wheel-down', column: number, row: number): string {
  const code = { press: 0, 'wheel-up': 64, 'wheel-down': 65 }[action];
  return `${ESC}[<${code};${column + 1};${row + 1}M`;
}
