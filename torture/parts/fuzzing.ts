import { commandLines, programs } from '../fuzz/arguments.js';
import { requests } from '../fuzz/requests.js';
import { configFiles, connections } from '../fuzz/settings.js';
import { fuzz } from '../fuzz/target.js';
import { filters, queries, rowTexts } from '../fuzz/texts.js';
import type { TorturePart } from '../types.js';

const TARGETS = [commandLines, programs, filters, requests, configFiles, connections, rowTexts, queries];

/** Everything that takes a text is given bad ones. */
export const fuzzing: TorturePart = {
  name: 'fuzz',
  what: 'made-up input: no crash, no stack trace, only documented ends, no password in a message, nothing written',
  run: async (context, tally) => {
    for (const target of TARGETS) {
      const start = performance.now();
      await fuzz(target, context, tally);
      context.log(`${target.name}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
    }
  },
};
