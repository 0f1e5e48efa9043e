import { setMaxListeners } from 'node:events';
import type { Duplex } from 'node:stream';
import type pg from 'pg';
import { StoreError } from '../errors.js';

/**
 * The promise's outcome, or an `aborted` StoreError as soon as the signal aborts: a screen that is being left does not
 * wait for a slow database. The caller then has to throw away whatever the promise was using.
 */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  return new Promise<T>((resolve, reject) => {
    const stop = () => reject(new StoreError('aborted', 'stopped while the database was being asked'));
    if (signal.aborted) stop();
    // One signal ends all statements that a caller has under way; Node.js warns at the eleventh otherwise.
    setMaxListeners(0, signal);
    signal.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

/**
 * Closes a connection at once, whatever it has under way. pg alone waits, on a connection that pipelines, for the
 * statements under way to end, which keeps whoever closes the pool waiting for up to their time limit.
 */
export function discard(client: pg.PoolClient): void {
  const { connection } = client as unknown as { connection: { stream: Duplex } };
  connection.stream.destroy();
  client.release(true);
}
