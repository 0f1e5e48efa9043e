/**
 * Records a session of the built program on the seeded demo in a real pseudo-terminal as an asciicast v2:
 * docs/images/session.cast. Play it with `asciinema play docs/images/session.cast`. Option: --out FILE.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createAsciicast } from './screenshots/asciicast.js';
import { ANSWER_MS, goToButton, IMAGES, openDemoTerminal } from './screenshots/demo-terminal.js';

const COLUMNS = 100;
const ROWS = 30;
/** Time to read a screen. */
const LOOK_MS = 2_500;
const KEY_MS = 400;
const LETTER_MS = 45;
/** Limits that a test holds the file to. */
const MOST_SECONDS = 60;
const MOST_BYTES = 300_000;

const { values } = parseArgs({ options: { out: { type: 'string', default: join(IMAGES, 'session.cast') } } });
const cast = createAsciicast({
  columns: COLUMNS,
  rows: ROWS,
  title: 'noetl-console: from stuck to stopped',
  longestPause: 2,
});
const start = performance.now();
const now = () => performance.now() - start;
// The demo's start is not part of the session.
let isRecording = false;
const before: Uint8Array[] = [];
const { terminal, close } = await openDemoTerminal({
  columns: COLUMNS,
  rows: ROWS,
  onOutput: (bytes) => {
    if (isRecording) cast.output(now(), bytes);
    else before.push(bytes);
  },
});

/** Presses keys as a person would, waits for what must be seen then, and gives time to look. */
async function press(keys: readonly string[], wanted: string | RegExp, look = LOOK_MS): Promise<void> {
  for (const key of keys) {
    terminal.press(key);
    await sleep(KEY_MS);
  }
  await terminal.waitFor(wanted, ANSWER_MS);
  await sleep(look);
}

async function type(text: string): Promise<void> {
  for (const letter of text) {
    terminal.press(letter);
    await sleep(LETTER_MS);
  }
}

/** From an open dialog to the end of the batch. */
async function cancel(reason: string): Promise<void> {
  await terminal.waitFor(/Cancels \d+ execution/, ANSWER_MS);
  await sleep(LOOK_MS);
  await type(reason);
  await goToButton(terminal);
  await sleep(KEY_MS);
  terminal.press('enter');
  await terminal.waitFor(/all \d+ stopped|settled:/, ANSWER_MS);
  await sleep(LOOK_MS);
}

const chapter = (label: string) => cast.marker(now(), label);

try {
  isRecording = true;
  for (const bytes of before) cast.output(now(), bytes);
  await sleep(LOOK_MS);
  chapter('2: what is stuck, and why');
  await press(['2', 'down'], /◇ worker-lost/);
  chapter('a, c: cancel the safe ones, with a reason');
  await press(['a', 'c'], /Cancels \d+ execution/, 0);
  await cancel('Cleanup after the restart');
  chapter('3: what runs away');
  await press(['escape', '3'], /repeating/);
  chapter('/, Enter: the tree of the runaway loop');
  await press(['1', '/', 'reconcile_inventory', 'enter', 'enter'], /Tree of[\s\S]*└─/);
  chapter('d: who runs it, and how it compares with its usual run');
  await press(['d'], /usually/);
  chapter('c: cancel it with everything below it');
  await press(['escape', 'c'], /live descendant/, 0);
  await cancel('Detected infinite loop');
  chapter('o: the report');
  await press(['o'], /Report of batch/);
  chapter('J: every batch of the log');
  await press(['J'], /Batches/);
  terminal.press('q');
  await terminal.waitForExit();
} finally {
  await close();
}
const text = cast.text();
await writeFile(values.out, text);
process.stderr.write(`${values.out}: ${cast.seconds().toFixed(1)} s, ${Buffer.byteLength(text)} bytes\n`);
if (cast.seconds() > MOST_SECONDS || Buffer.byteLength(text) > MOST_BYTES) {
  process.stderr.write(`Too long: at most ${MOST_SECONDS} s and ${MOST_BYTES} bytes.\n`);
  process.exitCode = 1;
}
