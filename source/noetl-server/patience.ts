import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, NoAnswer } from './client.js';

/** How often a call is repeated, and how long is waited between. */
export interface Patience {
  /** Tries where the server has not seen the call, or says that it cannot serve it now. */
  readonly tries: number;
  /** Tries where it may have seen the call: each takes as long as the timeout. */
  readonly triesUnanswered: number;
  readonly firstPauseMs: number;
}

/** 5 s altogether for a server that restarts. */
export const PATIENCE: Patience = { tries: 6, triesUnanswered: 2, firstPauseMs: 200 };

const MOST_PAUSE_MS = 2000;
/** It says that it has not done what was asked: too many calls, or restarting. */
const NOT_NOW = new Set([429, 502, 503, 504]);

export const isNotNow = ({ status }: Answer): boolean => NOT_NOW.has(status);

/**
 * One call, repeated where that is harmless. Before it is repeated after an answer that was lost, `isDone` looks whether
 * it went through; then null is the answer.
 * @throws NoAnswer, or what `call` throws besides.
 */
export async function patiently(
  patience: Patience,
  call: () => Promise<Answer>,
  isDone: () => Promise<boolean>,
  isPassing: (answer: Answer) => boolean = isNotNow,
): Promise<Answer | null> {
  for (let attempt = 1; ; attempt++) {
    let lost = false;
    let outcome: Answer | NoAnswer;
    try {
      outcome = await call();
      if (!isPassing(outcome)) return outcome;
      // A proxy says 502 and 504 of a call that the server may have served.
      lost = outcome.status === 502 || outcome.status === 504;
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      outcome = error;
      lost = error.sent;
    }
    if (lost && (await isDone())) return null;
    if (attempt >= (outcome instanceof NoAnswer && lost ? patience.triesUnanswered : patience.tries)) {
      if (outcome instanceof NoAnswer) throw outcome;
      return outcome;
    }
    const pauseMs = Math.min(patience.firstPauseMs * 2 ** (attempt - 1), MOST_PAUSE_MS);
    await sleep(pauseMs);
  }
}
