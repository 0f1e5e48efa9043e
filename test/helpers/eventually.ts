import { setTimeout as delay } from 'node:timers/promises';

/** Asks again and again until the answer satisfies, and fails with the last answer when the time (in ms) is up. */
export async function eventually<T>(
  ask: () => T | Promise<T>,
  satisfies: (answer: T) => boolean,
  withinMs = 15_000,
): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (satisfies(answer)) return answer;
    if (Date.now() > deadline)
      throw new Error(`not within ${withinMs} ms; the last answer was ${JSON.stringify(answer)}`);
    await delay(25);
  }
}
