import { expect, it } from 'vitest';
import { screenSvg, stacked } from '../../scripts/screenshots/svg.js';
import { createScreenModel } from './screen-model.js';

async function picture(output: string): Promise<string> {
  const model = createScreenModel(20, 2);
  await model.write(Buffer.from(output));
  return screenSvg(model.cells(), 'a <title>');
}

it('keeps words of one look together, and escapes them', async () => {
  const svg = await picture('a <b> & c');
  expect(svg).toContain('>a &lt;b&gt; &amp; c</text>');
  expect(svg).toContain('<title>a &lt;title&gt;</title>');
});

it('draws colours of every kind, and a background only where there is one', async () => {
  expect(await picture('\u001b[31mred')).toContain('fill="#e5616b"');
  expect(await picture('\u001b[38;5;208morange')).toContain('fill="#ff8700"');
  expect(await picture('\u001b[38;5;244mgrey')).toContain('fill="#808080"');
  expect(await picture('\u001b[38;2;1;2;3mown')).toContain('fill="#010203"');
  expect((await picture('plain')).match(/<rect/g)).toHaveLength(1);
  expect(await picture('\u001b[44mon blue')).toMatch(/<rect x="12" y="12" [^>]*fill="#5e9fe8"/);
});

it('swaps text and background where they are inverted', async () => {
  const svg = await picture('\u001b[7mturned');
  expect(svg).toMatch(/<text [^>]*fill="#11151c"[^>]*>turned/);
  expect(svg).toMatch(/<rect x="12" y="12" [^>]*fill="#d5dae3"/);
});

it('places what follows a wide character by its column', async () => {
  const svg = await picture('漢x');
  const columns = [...svg.matchAll(/<text x="([\d.]+)"/g)].map(([, x]) => Math.round((Number(x) - 12) / (14 * 0.602)));
  expect(columns).toEqual([0, 2]);
});

it('draws a bar as rectangles without gaps', async () => {
  const svg = await picture('\u001b[32m██');
  const places = [...svg.matchAll(/<rect x="([\d.]+)" y="12" width="([\d.]+)"[^>]*fill="#8fbf6f"/g)];
  expect(places).toHaveLength(2);
  const [first, second] = places.map(([, x, width]) => ({ x: Number(x), width: Number(width) }));
  expect(first!.x + first!.width).toBeGreaterThanOrEqual(second!.x);
});

it('puts screens below each other', async () => {
  const model = createScreenModel(4, 1);
  await model.write(Buffer.from('one'));
  const cells = model.cells();
  const lines = stacked([cells, cells]).map((line) =>
    line
      .map(({ text }) => text)
      .join('')
      .trimEnd(),
  );
  expect(lines).toEqual(['one', '', 'one']);
});
