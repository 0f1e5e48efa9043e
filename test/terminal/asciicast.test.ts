import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createAsciicast } from '../../scripts/screenshots/asciicast.js';
import { createScreenModel } from './screen-model.js';

type Event = [time: number, kind: string, data: string];

/** Reads a recording as a player would, and fails where a player would. */
function read(text: string): { header: { width: number; height: number }; events: Event[] } {
  expect(text.endsWith('\n')).toBe(true);
  const [first, ...rest] = text.trimEnd().split('\n');
  const header = JSON.parse(first ?? '') as { width: number; height: number };
  expect(header).toMatchObject({ version: 2, width: expect.any(Number), height: expect.any(Number) });
  const events = rest.map((line) => JSON.parse(line) as Event);
  let before = 0;
  for (const event of events) {
    expect(event).toEqual([expect.any(Number), expect.stringMatching(/^[om]$/), expect.any(String)]);
    expect(event[0]).toBeGreaterThanOrEqual(before);
    before = event[0];
  }
  return { header, events };
}

describe('a recorded session', () => {
  it('has a header and one event a line, whole characters, chapters, and no long pause', () => {
    const cast = createAsciicast({ columns: 80, rows: 24, title: 'a title', longestPause: 2 });
    const bytes = Buffer.from('\u001b[1m● live\r\n');
    // Within the three bytes of the dot.
    cast.output(5_000, bytes.subarray(0, 5));
    cast.output(5_250, bytes.subarray(5));
    cast.marker(5_300, 'what is stuck');
    cast.output(65_300, Buffer.from('later'));
    const { header, events } = read(cast.text());
    expect(header).toMatchObject({ width: 80, height: 24, title: 'a title' });
    expect(events).toEqual([
      [0, 'o', '\u001b[1m'],
      [0.25, 'o', '● live\r\n'],
      [0.3, 'm', 'what is stuck'],
      [2.3, 'o', 'later'],
    ]);
    expect(cast.seconds()).toBe(2.3);
  });

  it('is the one in the docs: under a minute and 300 kB, and played to its end it leaves the terminal as it was', async () => {
    const text = readFileSync(new URL('../../docs/images/session.cast', import.meta.url), 'utf8');
    expect(Buffer.byteLength(text)).toBeLessThan(300_000);
    const { header, events } = read(text);
    expect(events.at(-1)?.[0]).toBeLessThan(60);
    expect(events.filter(([, kind]) => kind === 'm').length).toBeGreaterThan(4);
    const model = createScreenModel(header.width, header.height);
    const seen: string[] = [];
    for (const [, kind, data] of events) {
      if (kind === 'm') seen.push(model.lines().join('\n'));
      else await model.write(Buffer.from(data));
    }
    expect(seen.some((screen) => screen.includes('● live'))).toBe(true);
    expect(seen.some((screen) => /all \d+ stopped|settled:/.test(screen))).toBe(true);
    expect([...model.modes()].sort((a, b) => a - b)).toEqual([7, 25]);
    expect(model.ordinaryLines().join('\n')).toMatch(/Cancelled \d+ executions/);
    model.dispose();
  });
});
