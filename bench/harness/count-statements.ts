import pg from 'pg';

/**
 * Counts the statements that this process sends to any server while `work` runs. Several may share a round trip:
 * test/cli/round-trips.test.ts counts those.
 */
export async function countStatements<T>(work: () => Promise<T>): Promise<{ result: T; statements: number }> {
  const original = pg.Client.prototype.query;
  let statements = 0;
  const counting = function (this: pg.Client, ...given: unknown[]): unknown {
    statements += 1;
    return Reflect.apply(original, this, given);
  };
  Object.defineProperty(pg.Client.prototype, 'query', { value: counting, configurable: true, writable: true });
  try {
    return { result: await work(), statements };
  } finally {
    Object.defineProperty(pg.Client.prototype, 'query', { value: original, configurable: true, writable: true });
  }
}
