/**
 * Two changes to what Ink depends on, made where the program is bundled: both load, before the first frame, something
 * large that this program never needs. Without them the first frame costs 304 ms of processor time instead of 268 (Node
 * 20.20, least of 11 runs by turns: 300 and 256): 26 ms are fetch, 9 the Unicode tables. Measured on Ink 8, 2026-11-24.
 * Each is a debt: the build fails where the code is no longer the one that is known here.
 */
import { readFile } from 'node:fs/promises';

const CHANGES = [
  {
    // The first text with any character beyond ASCII compiles its Unicode tables: 9 ms before the first frame. Of these
    // characters (Latin, …, arrows, boxes and shapes) each is one cell wide and none joins another.
    filter: /[\\/]string-width[\\/]index\.js$/,
    skip: /[\\/](?:wrap-ansi|cli-table3)[\\/]/,
    replace: [
      [
        String.raw`if (/^[\u0020-\u007E]*$/.test(string)) {`,
        String.raw`if (/^[\u0020-\u007E]*$/.test(string) || (ambiguousIsNarrow && /^[\u0020-\u007E\u00AE-\u02FF\u2026\u2190-\u21FF\u2500-\u25FC]*$/.test(string))) {`,
      ],
    ],
  },
  {
    // To decode its own base64 text it would load all of Node's fetch: 26 ms before the first frame.
    filter: /[\\/]yoga-layout[\\/]dist[\\/]binaries[\\/]yoga-wasm-base64-esm\.js$/,
    replace: [
      ['typeof fetch?Promise.resolve()', 'typeof void 0?Promise.resolve()'],
      ['typeof fetch?c(b)', 'typeof void 0?c(b)'],
    ],
  },
];

/** The esbuild plugin. */
export const cheaperFirstFrame = {
  name: 'cheaper-first-frame',
  setup(builder) {
    for (const { filter, skip, replace } of CHANGES) {
      builder.onLoad({ filter }, async ({ path }) => {
        if (skip?.test(path)) return undefined;
        let contents = await readFile(path, 'utf8');
        for (const [known, better] of replace) {
          if (contents.split(known).length !== 2) {
            return { errors: [{ text: `A package has changed: "${known}" is not once in ${path}` }] };
          }
          contents = contents.replace(known, better);
        }
        return { contents, loader: 'js' };
      });
    }
  },
};
