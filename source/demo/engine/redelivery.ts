import type { Claim } from './claims.js';
import type { LiveEngineOptions } from './live-execution.js';
import { pause } from './pause.js';
import { claimEvent } from './worker-drafts.js';

/** Seconds from one delivery to the next: under the ten minutes after which an execution counts as silent. */
const EVERY_SECONDS = [100, 200] as const;

/**
 * A tool that outlasts the bus's deadline every time: the bus delivers the command again, and another worker claims it.
 * Ends with the execution's cancel, and answers the worker that had the command last.
 */
export async function redeliverUntilCancelled(
  { execution, command, worker: first }: Claim,
  find: () => string | null,
  keep: (claim: Claim) => void,
  { log, random, signal }: LiveEngineOptions,
): Promise<string> {
  const { run } = execution;
  let worker = first;
  while (!execution.cancelled && !run.ended) {
    for (let left = random.between(...EVERY_SECONDS); left > 0 && !execution.cancelled; left--)
      await pause(1000, signal);
    const next = execution.cancelled ? null : find();
    if (!next) continue;
    if (!(await log.claim(run, claimEvent(command, next), run.claim(command, next, Date.now()), true))) break;
    worker = next;
    keep({ execution, command, worker });
    await log.append(run, run.start(command, worker, Date.now()));
  }
  return worker;
}
