import pg from 'pg';

/**
 * Counts the statements that this process sends to any server while `work` runs, and says how long the slowest answer
 * took from when it was sent: of several that share a round trip, the last has waited for the others too.
 * test/cli/round-trips.test.ts counts round trips.
 */
export async function countStatements<T>(
  work: () => Promise<T>,
): Promise<{ result: T; statements: number; slowestMs: number }> {
  const original = pg.Client.prototype.query;
  let statements = 0;
  let slowestMs = 0;
  const counting = function (this: pg.Client, ...given: unknown[]): unknown {
    statements += 1;
    const sent = performance.now();
    const answer: unknown = Reflect.apply(original, this, given);
    const isAnswered = () => {
      slowestMs = Math.max(slowestMs, performance.now() - sent);
    };
    if (answer instanceof Promise) answer.then(isAnswered, isAnswered);
    return answer;
  };
  Object.defineProperty(pg.Client.prototype, 'query', { value: counting, configurable: true, writable: true });
  try {
    const result = await work();
    return { result, statements, slowestMs };
  } finally {
    Object.defineProperty(pg.Client.prototype, 'query', { value: original, configurable: true, writable: true });
  }
}
