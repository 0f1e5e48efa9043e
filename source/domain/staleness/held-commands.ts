import type { EpochMs } from '../execution.js';
import { type Liveness, livenessOf } from '../worker-liveness.js';
import type { OutstandingCommand, StaleFacts, StaleThresholds } from './stale-facts.js';

/** Held commands whose holder's liveness passes the test, oldest first. */
export function heldBy(
  facts: Pick<StaleFacts, 'outstanding' | 'heartbeats'>,
  now: EpochMs,
  { workerSilentMs }: StaleThresholds,
  test: (liveness: Liveness) => boolean,
): { command: OutstandingCommand; liveness: Liveness }[] {
  return byAge(facts.outstanding.filter((command) => command.stage !== 'issued'))
    .map((command) => ({ command, liveness: livenessOf(command.workerId, facts.heartbeats, now, workerSilentMs) }))
    .filter(({ liveness }) => test(liveness));
}

/** Oldest first; equal times by key, so that the order of the input never shows. */
export const byAge = (commands: readonly OutstandingCommand[]): OutstandingCommand[] =>
  [...commands].sort((a, b) => a.at - b.at || (a.commandKey < b.commandKey ? -1 : a.commandKey > b.commandKey ? 1 : 0));
