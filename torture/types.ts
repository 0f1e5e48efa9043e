import type { Random } from '../source/demo/engine/random.js';
import type { BuiltProgram } from '../test/cli/helpers/program.js';
import type { Tally } from './tally.js';

/** What one part of the torture works with. */
export interface TortureContext {
  readonly quick: boolean;
  readonly seed: number;
  /** The same sequence in every run of this part with this seed. */
  readonly random: Random;
  /** How often: the first number in a full run, the second in the quick form that `npm test` runs. */
  times(full: number, quick: number): number;
  /** The program as the build makes it, bundled once a run. */
  program(): Promise<BuiltProgram>;
  log(line: string): void;
}

/** One way of attacking the program. */
export interface TorturePart {
  readonly name: string;
  readonly what: string;
  run(context: TortureContext, tally: Tally): Promise<void>;
}
