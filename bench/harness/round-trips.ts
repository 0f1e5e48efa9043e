import pg from 'pg';

/** Counts the statements that this process sends to any server while `work` runs; one is one round trip. */
export async function countRoundTrips<T>(work: () => Promise<T>): Promise<{ result: T; roundTrips: number }> {
  const original = pg.Client.prototype.query;
  let roundTrips = 0;
  const counting = function (this: pg.Client, ...given: unknown[]): unknown {
    roundTrips += 1;
    return Reflect.apply(original, this, given);
  };
  Object.defineProperty(pg.Client.prototype, 'query', { value: counting, configurable: true, writable: true });
  try {
    return { result: await work(), roundTrips };
  } finally {
    Object.defineProperty(pg.Client.prototype, 'query', { value: original, configurable: true, writable: true });
  }
}
