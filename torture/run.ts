import { seededRandom } from '../source/demo/engine/random.js';
import { runInProcess } from '../test/cli/helpers/in-process.js';
import { type BuiltProgram, buildProgram, runProgram } from '../test/cli/helpers/program.js';
import { Tally } from './tally.js';
import type { CommandRun, TorturePart } from './types.js';

export interface PartResult {
  readonly part: TorturePart;
  readonly seed: number;
  readonly tally: Tally;
  readonly seconds: number;
}

export interface RunOptions {
  readonly quick: boolean;
  readonly seed: number;
  readonly log: (line: string) => void;
  readonly onResult?: (result: PartResult) => void;
}

/** Runs parts one after another. The server of TEST_SERVER_VARIABLE must be there. Never throws for a part's sake. */
export async function runParts(
  parts: readonly TorturePart[],
  { quick, seed, log, onResult }: RunOptions,
): Promise<PartResult[]> {
  let program: Promise<BuiltProgram> | null = null;
  const built = () => (program ??= buildProgram());
  const run = async (argv: readonly string[], { longestMs, onStart, ...options }: CommandRun) => {
    if (quick) {
      await onStart?.();
      return runInProcess(argv, options);
    }
    return runProgram(await built(), argv, {
      ...options,
      onStart: (child) => {
        if (longestMs !== undefined) setTimeout(() => child.kill('SIGKILL'), longestMs).unref();
        void onStart?.();
      },
    });
  };
  const results: PartResult[] = [];
  try {
    for (const part of parts) {
      const tally = new Tally();
      const start = performance.now();
      const context = {
        quick,
        seed,
        random: seededRandom(seed + checksum(part.name)),
        times: (full: number, few: number) => (quick ? few : full),
        program: built,
        run,
        log: (line: string) => log(`${part.name}: ${line}`),
      };
      try {
        await part.run(context, tally);
      } catch (error) {
        tally.found('broken', `the part itself failed: ${error instanceof Error ? (error.stack ?? error) : error}`);
      }
      const result = { part, seed, tally, seconds: (performance.now() - start) / 1000 };
      results.push(result);
      onResult?.(result);
    }
  } finally {
    await (program as Promise<BuiltProgram> | null)?.then((each) => each.remove());
  }
  return results;
}

const checksum = (text: string): number => [...text].reduce((sum, each) => (sum * 31 + each.charCodeAt(0)) % 65_521, 7);
