import type { CellColour } from '../../test/terminal/screen-model.js';

/** Background and text of a picture, and the sixteen colours that a terminal theme would define. */
export const BACKGROUND = '#11151c';
export const FOREGROUND = '#d5dae3';

const SIXTEEN = [
  ...['#1b212b', '#e5616b', '#8fbf6f', '#e0b765', '#5e9fe8', '#c07fd6', '#4fb8c4', '#c3c9d4'],
  ...['#6b7484', '#ff7d86', '#aadb88', '#f5cf80', '#82b8f5', '#d79aeb', '#6fd3de', '#ffffff'],
];
const CUBE_STEPS = [0, 95, 135, 175, 215, 255];

function hex(red: number, green: number, blue: number): string {
  return `#${[red, green, blue].map((part) => part.toString(16).padStart(2, '0')).join('')}`;
}

/** xterm's palette of 256: sixteen of the theme, a cube of 6×6×6, and 24 greys. */
function paletteColour(index: number): string {
  if (index < 16) return SIXTEEN[index] ?? FOREGROUND;
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10;
    return hex(grey, grey, grey);
  }
  const place = index - 16;
  const step = (divisor: number) => CUBE_STEPS[Math.floor(place / divisor) % 6] ?? 0;
  return hex(step(36), step(6), step(1));
}

/** A cell's colour for a picture. */
export function cssColour(colour: CellColour, fallback: string): string {
  if (colour.kind === 'default') return fallback;
  return colour.kind === 'palette' ? paletteColour(colour.index) : `#${colour.value.toString(16).padStart(6, '0')}`;
}
