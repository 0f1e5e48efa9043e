/**
 * Takes pictures of the built program on the seeded demo in a real pseudo-terminal and writes them to docs/images.
 * Options: --png DIR (PNG copies to look at), --out DIR, --columns N, --rows N.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ANSWER_MS, IMAGES, openDemoTerminal } from './screenshots/demo-terminal.js';
import { createPngRenderer } from './screenshots/png.js';
import { OVERVIEW_TITLE, SHOTS } from './screenshots/shots.js';
import { type ScreenCells, screenSvg, stacked } from './screenshots/svg.js';

const { values } = parseArgs({
  options: {
    png: { type: 'string' },
    out: { type: 'string', default: IMAGES },
    columns: { type: 'string', default: '120' },
    rows: { type: 'string', default: '34' },
  },
});
const columns = Number(values.columns);
const rows = Number(values.rows);

async function pngRenderer() {
  if (values.png === undefined) return undefined;
  const renderer = await createPngRenderer();
  if (typeof renderer !== 'string') return renderer;
  process.stderr.write(`${renderer}\n`);
  return undefined;
}

const renderPng = await pngRenderer();
await mkdir(values.out, { recursive: true });
if (renderPng !== undefined) await mkdir(values.png!, { recursive: true });

async function write(name: string, cells: ScreenCells, title: string): Promise<void> {
  const svg = screenSvg(cells, `noetl-console: ${title}`);
  await writeFile(join(values.out, `${name}.svg`), svg);
  if (renderPng !== undefined) await writeFile(join(values.png!, `${name}.png`), renderPng(svg));
  process.stderr.write(`${name}\n`);
}

const overview: ScreenCells[] = [];
const { terminal, close } = await openDemoTerminal({ columns, rows });
try {
  for (const shot of SHOTS) {
    for (const step of shot.press) {
      if (typeof step === 'string') terminal.press(step);
      else await step(terminal);
      await terminal.waitForIdle();
    }
    await terminal.waitFor(shot.wait, ANSWER_MS);
    await terminal.waitForIdle();
    await write(shot.name, terminal.cells(), shot.title);
    if (shot.overviewRows !== undefined) {
      terminal.resize(columns, shot.overviewRows);
      await terminal.waitForIdle();
      overview.push(terminal.cells());
      terminal.resize(columns, rows);
      await terminal.waitForIdle();
    }
  }
  await write('overview', stacked(overview), OVERVIEW_TITLE);
} finally {
  await close();
}
