import type { MouseEvent } from './input-event.js';

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
    button: isWheel ? 'none' : BUTTONS[which]!,
    x: Math.max(0, column - 1),
    y: Math.max(0, row - 1),
    ctrl: (code & CTRL) !== 0,
    meta: (code & META) !== 0,
    shift: (code & SHIFT) !== 0,
  };
}
