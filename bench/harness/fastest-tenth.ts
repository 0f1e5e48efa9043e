import { interleave, type Timed } from './interleave.js';
import type { BenchContext } from './types.js';

/** So long a query is asked in one table, at least five times. */
const BUDGET_MS = 1500;
/** A round beyond those that are counted: what it cancels is cancelled once. */
const TRIAL = 150;

/**
 * The fastest tenth of one query's times in all tables by turns, milliseconds: whatever else a machine does only adds,
 * and what it adds to the smallest table would hide a growth.
 */
export async function fastestTenthOf(
  context: BenchContext,
  queries: readonly { ask(round: number): Promise<unknown> }[],
): Promise<number[]> {
  let slowest = 0;
  for (const query of queries) {
    const start = performance.now();
    await query.ask(TRIAL);
    slowest = Math.max(slowest, performance.now() - start);
  }
  const rounds = Math.min(context.repeats(21), Math.max(context.repeats(5), Math.floor(BUDGET_MS / slowest)));
  const things: Record<string, Timed> = Object.fromEntries(
    queries.map((query, at) => [
      String(at),
      {
        run: async (round) => {
          await query.ask(round);
          return undefined;
        },
      },
    ]),
  );
  const times = await interleave(things, rounds, 1);
  return queries.map((_, at) => times[String(at)]!.p10);
}
