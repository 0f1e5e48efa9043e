/**
 * Takes pictures of the built program on the seeded demo in a real pseudo-terminal and writes them to docs/images.
 * Options: --png DIR (PNG copies to look at), --out DIR, --columns N, --rows N.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openTerminal } from '../test/terminal/harness.js';
import { createPngRenderer } from './screenshots/png.js';
import { SHOTS } from './screenshots/shots.js';
import { screenSvg } from './screenshots/svg.js';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
/** The demo's database starts within this, even on a busy machine. */
const START_MS = 90_000;

/** What a shot waits for may take the demo's workers a while: a cancelled execution stops when its command ends. */
const ANSWER_MS = 60_000;

const { values } = parseArgs({
  options: {
    png: { type: 'string' },
    out: { type: 'string', default: join(ROOT, 'docs', 'images') },
    columns: { type: 'string', default: '120' },
    rows: { type: 'string', default: '34' },
  },
});

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

// Made by the demo itself, so that the user who runs PostgreSQL can enter it.
const demoFolder = join(tmpdir(), `noetl-console-pictures-${process.pid}`);
const terminal = openTerminal({
  command: process.execPath,
  // A folder of its own makes it a demo of its own: one that runs already is somebody's, and has a past.
  args: [join(ROOT, 'dist', 'cli.js'), '--demo', '--seed', '7', '--demo-dir', demoFolder],
  columns: Number(values.columns),
  rows: Number(values.rows),
  env: { FORCE_COLOR: '3', COLORTERM: 'truecolor' },
});
try {
  for (const [index, shot] of SHOTS.entries()) {
    if (index === 0) await terminal.waitFor('● live', START_MS);
    for (const step of shot.press) {
      terminal.press(...(typeof step === 'string' ? [step] : step(terminal.text())));
      await terminal.waitForIdle();
    }
    await terminal.waitFor(shot.wait, ANSWER_MS);
    await terminal.waitForIdle();
    const svg = screenSvg(terminal.cells(), `noetl-console: ${shot.title}`);
    await writeFile(join(values.out, `${shot.name}.svg`), svg);
    if (renderPng !== undefined) await writeFile(join(values.png!, `${shot.name}.png`), renderPng(svg));
    process.stderr.write(`${shot.name}\n`);
  }
} finally {
  terminal.signal('SIGTERM');
  await terminal.waitForExit().catch(() => terminal.close());
  await rm(demoFolder, { recursive: true, force: true });
}
