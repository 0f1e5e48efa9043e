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
function discard(client: pg.PoolClient): void {
  const { connection } = client as unknown as { connection: { stream: Duplex } };
  connection.stream.destroy();
  client.release(true);
}

/** A connection that is lent, to several users at once where they join. */
export interface Loan {
  readonly client: pg.PoolClient;
  /** This user sends nothing further: others may send theirs behind it. */
  sent(): void;
  /** @param isBroken the connection is closed, for all that use it, instead of being used again */
  done(isBroken?: boolean): void;
}

/** One connection and those who use it. */
class Lent {
  users = 0;
  /** Somebody sends statements that depend on answers: whatever came between would be part of their transaction. */
  isHeld = false;
  isBroken = false;
  /** A transaction that is to be apart is under way: the next such gets a connection of its own. */
  isApart = false;

  constructor(readonly client: Promise<pg.PoolClient>) {}
}

/**
 * Lends the connections of one pool. Where users join, a second one sends its statements behind the first one's and does
 * not wait for the answers: a database 50 ms away costs 150 ms to connect to, and a command that reads five things at
 * once needs one connection for them. A console does not join, since a long read would hold up the short ones behind it.
 */
export class Lender {
  #latest: Lent | null = null;

  constructor(
    readonly pool: pg.Pool,
    readonly joins: boolean,
  ) {}

  /**
   * @param holds true where statements will be sent that depend on answers
   * @param apart true where another that is apart would be held up: one that writes, or reads for long
   */
  async lend({ holds = false, apart = false }: { holds?: boolean; apart?: boolean } = {}): Promise<Loan> {
    const latest = this.joins ? this.#latest : null;
    const isFree = latest !== null && !latest.isHeld && !(apart && latest.isApart);
    const lent = isFree ? latest : new Lent(this.pool.connect());
    this.#latest = lent;
    lent.users += 1;
    if (holds) lent.isHeld = true;
    if (apart) lent.isApart = true;
    try {
      const client = await lent.client;
      return {
        client,
        sent: () => {
          if (holds) lent.isHeld = false;
        },
        done: (isBroken = false) => {
          if (holds) lent.isHeld = false;
          if (apart) lent.isApart = false;
          this.#giveBack(lent, client, isBroken);
        },
      };
    } catch (error) {
      this.#forget(lent);
      throw error;
    }
  }

  #giveBack(lent: Lent, client: pg.PoolClient, isBroken: boolean): void {
    lent.users -= 1;
    if (lent.isBroken || (lent.users > 0 && !isBroken)) return;
    lent.isBroken = isBroken;
    this.#forget(lent);
    if (isBroken) discard(client);
    else client.release();
  }

  #forget(lent: Lent): void {
    if (this.#latest === lent) this.#latest = null;
  }
}
