import { describe, expect, it } from 'vitest';
import { createDrawnLines } from '../../../source/ui/terminal/drawn-lines.js';

describe('lines that are put in where a frame comes out', () => {
  it('take the place of their marks, a block that of the blank rows below too', () => {
    const lines = createDrawnLines();
    const [one, block] = [lines.hold('one'), lines.hold('a\nb\nc')];
    expect(lines.expand(`${one}\n${block}\n\n\n${one} end`)).toBe('one\na\nb\nc\none end');
  });

  it('never make a frame longer: a block is cut at its end', () => {
    const lines = createDrawnLines();
    expect(lines.expand(`top\n${lines.hold('a\nb\nc')}\n`)).toBe('top\na\nb');
    expect(lines.expand(lines.hold(''))).toBe('');
  });

  it('stay for a while after they were forgotten, and are then a blank', () => {
    const lines = createDrawnLines();
    const mark = lines.hold('old\nblock');
    lines.forget(mark);
    expect(lines.expand(`${mark}\n`)).toBe('old\nblock');
    for (let count = 0; count < 2000; count += 1) lines.forget(lines.hold('x'));
    expect(lines.expand(`${mark}\n`)).toBe(' \n');
  });
});
