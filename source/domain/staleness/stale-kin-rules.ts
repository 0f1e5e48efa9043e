import type { EpochMs } from '../execution.js';
import { isSilent } from '../execution-status.js';
import { type Evidence, ofRelative, type Rule } from './stale-evidence.js';
import type { HeldRelative, StaleFacts, StaleThresholds } from './stale-facts.js';
import { ago, step } from './stale-sentences.js';
import type { StaleCode } from './staleness-types.js';

/** What a descendant's own hold makes of its ancestors: the same code, said of the descendant. */
const below =
  (by: HeldRelative['by'], words: (held: HeldRelative) => string): Rule =>
  ({ heldDescendant: held }, now) =>
    held?.by === by
      ? {
          sentence: `its descendant ${held.executionId} ${words(held)}; last event ${ago(held.lastEvent.at, now)}`,
          ...ofRelative(held),
          node: held.node,
          workerId: held.workerId,
        }
      : null;

export const BELOW: Readonly<Partial<Record<StaleCode, Rule>>> = {
  'awaiting-callback': below('callback', ({ node }) => `waits at ${step(node)} for an external callback`),
  'live-claim': below(
    'claim',
    ({ node, workerId }) => `is at ${step(node)}, held by ${workerId ?? 'a worker without a name'}`,
  ),
  recovering: below('recovering', ({ node }) => `waits at ${step(node)} for the engine to hand its command on`),
  queued: below('queued', ({ node }) => `waits at ${step(node)} in the queue of busy workers`),
};

/** A descendant that completed or failed lately: the engine may be about to go on with its ancestors. */
export function endedBelow(
  { endedDescendant }: StaleFacts,
  now: EpochMs,
  thresholds: StaleThresholds,
): Evidence | null {
  if (!endedDescendant) return null;
  const { executionId, lastEvent, status } = endedDescendant;
  if (isSilent(lastEvent.at, now, Math.min(thresholds.staleAfterMs, thresholds.finalizingMs))) return null;
  return {
    sentence: `its descendant ${executionId} ended as ${status} ${ago(lastEvent.at, now)}; the engine may yet act on that`,
    ...ofRelative(endedDescendant),
  };
}
