import type { Random } from '../source/demo/engine/random.js';
import type { BuiltProgram, Outcome } from '../test/cli/helpers/program.js';
import type { Tally } from './tally.js';

export interface CommandRun {
  readonly env: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** A process that runs longer is killed. */
  readonly longestMs?: number;
  /** Called as a process starts; in the quick form the command waits for it. */
  readonly onStart?: () => Promise<void> | void;
}

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
  /**
   * Runs a command line to its end: in a full run as a process, in the quick form in this process, which costs a tenth.
   * What attacks the process (a kill, a signal) takes `program` instead.
   */
  run(argv: readonly string[], options: CommandRun): Promise<Outcome>;
  log(line: string): void;
}

/** One way of attacking the program. */
export interface TorturePart {
  readonly name: string;
  readonly what: string;
  run(context: TortureContext, tally: Tally): Promise<void>;
}
