import { describe, expect, it } from 'vitest';
import { PARTS } from '../../torture/catalogue.js';
import { runParts } from '../../torture/run.js';

const SEED = 1;
/** Far above what a part takes: its own limits say what hangs, and a loaded machine must not. */
const TIMEOUT_MS = 600_000;

/** The quick forms of some parts of `npm run torture`, as tests. What a failure found is in the message. */
export function quickForms(...names: readonly string[]): void {
  describe('a quick form of npm run torture', () => {
    it.each(names)('%s', { timeout: TIMEOUT_MS }, async (name) => {
      const parts = PARTS.filter((part) => part.name === name);
      const [result] = await runParts(parts, { quick: true, seed: SEED, log: () => {} });
      if (result?.tally.skipped) console.warn(`${name} is NOT tried here: ${result.tally.skipped}`);
      expect(result?.tally.examples).toEqual([]);
      expect(result?.tally.failures).toBe(0);
      expect(result?.tally.skipped !== null || result.tally.counts.size > 0).toBe(true);
    });
  });
}
