/**
 * Changes to Ink's caches, made where the program is bundled because they are private to its modules. To be dropped with
 * Ink 7. One bounds what grows for ever, the others keep from one frame to the next what does not change: a selection
 * move in a 120×39 list takes a third of the time (docs/decisions).
 *
 * Ink 6.8 keeps every distinct string that it ever measured or wrapped, for ever: 6.6 KB a frame where rows carry ever
 * new text. The caches are private to two modules, so they are bounded where the program is bundled: emptied when full,
 * which costs one frame's measuring. To be dropped with Ink 7.
 */
import { readFile } from 'node:fs/promises';

/** Far more strings than one screen of 250×80 holds, so that a frame never empties what it is using. */
const LARGEST = 10_000;
/** Cells of tokenised texts kept, some 100 bytes each: three screens of 250×80. */
const MOST_CELLS = 60_000;

const CHANGES = [
  {
    // The first text with any character beyond ASCII compiles its Unicode tables: 25 ms before the first frame. Of these
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
    // To decode its own base64 text it would load all of Node's fetch: 30 ms before the first frame.
    filter: /[\\/]yoga-layout[\\/]dist[\\/]binaries[\\/]yoga-wasm-base64-esm\.js$/,
    replace: [
      ['typeof fetch?Promise.resolve()', 'typeof void 0?Promise.resolve()'],
      ['typeof fetch?c(b)', 'typeof void 0?c(b)'],
    ],
  },
];

/** The esbuild plugin. It fails the build where Ink's code is not the one that it knows. */
export const boundedInkCaches = {
  name: 'bounded-ink-caches',
  setup(builder) {
    for (const { filter, skip, replace } of CHANGES) {
      builder.onLoad({ filter }, async ({ path }) => {
        if (skip?.test(path)) return undefined;
        let contents = await readFile(path, 'utf8');
        for (const [known, bounded] of replace) {
          if (contents.split(known).length !== 2) {
            return { errors: [{ text: `Ink has changed: "${known}" is not once in ${path}` }] };
          }
          contents = contents.replace(known, bounded);
        }
        return { contents, loader: 'js' };
      });
    }
  },
};
