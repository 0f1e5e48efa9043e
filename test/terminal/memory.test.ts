import { expect, it } from 'vitest';
import { buildFixture } from './fixtures/build-fixture.js';
import { openTerminal } from './harness.js';

/** A thousand frames of nothing but new text, on a machine that does other things as well. */
const DEADLINE_MS = 100_000;

it('ever new text does not make the bundled program grow without bound', async () => {
  const program = await buildFixture('new-text-probe');
  const terminal = openTerminal({ command: process.execPath, args: ['--expose-gc', program.path] });
  await terminal.waitForExit(DEADLINE_MS);
  const growth = /growth (-?\d+) bytes/.exec(terminal.text())?.[1];
  // Caches without a bound (Ink 6.8) make it about 10 KB: 24 rows of 200 characters, measured and cut. Bounded ones leave
  // up to 2 KB, depending on where in their filling and emptying the samples fell.
  expect(Number(growth)).toBeLessThan(5_000);
  await terminal.close();
  await program.remove();
}, 120_000);
