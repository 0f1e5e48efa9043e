import fc from 'fast-check';
import type { Tally } from '../tally.js';
import type { TortureContext } from '../types.js';

/** One kind of input that is fuzzed. */
export interface FuzzTarget {
  readonly name: string;
  /** Cases in a full run and in the quick form. */
  readonly cases: readonly [full: number, quick: number];
  /** Throws where an input gets past its check. */
  open(context: TortureContext): Promise<OpenTarget>;
}

export interface OpenTarget {
  readonly property: fc.IAsyncPropertyWithHooks<[unknown]>;
  /** Looked at after the last case: nothing may have been written. */
  finish?(tally: Tally): Promise<void>;
  close?(): Promise<void>;
}

/** Texts that are likely to be taken wrong: controls, bidi, halves of surrogate pairs, numbers at their limits, quotes. */
const BAD_PIECES = [
  ...['', ' ', '-', '--', '=', '\u0000', '\u001b[2J', '\u202e', '\u200b', '\ud800', '\udc00', '\ufeff', '\u009b'],
  ...['0', '-1', '9223372036854775807', '9223372036854775808', '1e309', 'NaN', 'null', 'undefined', '__proto__'],
  ...["'", '"', '`', '\\', '$(x)', '%00', '%', '/..', '*', '*a*a*', '?', '[', '{', '(', '\n', '\r\n', '集計📦', 'é'],
];

/** Texts made of bad pieces, of the words of a grammar, and of anything. */
export const textOf = (words: readonly string[], most = 6): fc.Arbitrary<string> =>
  fc
    .array(
      fc.oneof(
        { weight: 4, arbitrary: fc.constantFrom(...words) },
        { weight: 2, arbitrary: fc.constantFrom(...BAD_PIECES) },
        { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) },
      ),
      { maxLength: most },
    )
    .map((pieces) => pieces.join(''));

/** Runs one target; the first input that breaks it is shrunk and told, with the seed that finds it again. */
export async function fuzz(target: FuzzTarget, context: TortureContext, tally: Tally): Promise<void> {
  const runs = context.times(...target.cases);
  const open = await target.open(context);
  try {
    const found = await fc.check(open.property, { numRuns: runs, seed: context.seed });
    tally.did(`of ${target.name}`, found.numRuns);
    if (found.failed) {
      const input = JSON.stringify(found.counterexample)?.slice(0, 300);
      const error = found.errorInstance instanceof Error ? found.errorInstance.message : String(found.errorInstance);
      tally.found('broken', `${target.name}: ${input}: ${error}`);
    }
    await open.finish?.(tally);
  } finally {
    await open.close?.();
  }
}
