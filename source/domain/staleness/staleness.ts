import { endsAStep } from '../event-types.js';
import type { EpochMs } from '../execution.js';
import type { ExecutionId } from '../execution-id.js';
import { isSilent } from '../execution-status.js';
import { byAge, heldBy, queued, type RecoveryFacts, recovering } from './recovery.js';
import { ago, complete, type Evidence, ofRelative, type Rule, step } from './stale-evidence.js';
import type { HeldRelative, OwnFacts, StaleFacts, StaleThresholds } from './stale-facts.js';
import { RULES, unexplained } from './stale-rules.js';
import { type Diagnosis, SAFE_CODES, STALE_CODES, type StaleCode } from './staleness-types.js';

/**
 * Why a stale execution is silent: the first code of STALE_CODES that applies. Total, and the order in which facts of
 * one kind are listed does not matter. The reasons for the order are in docs/staleness.md.
 */
export function diagnose(given: StaleFacts, now: EpochMs, thresholds: StaleThresholds): Diagnosis {
  const found = firstThatApplies(given, now, thresholds);
  return found.safe && given.newestOnly !== null ? withoutOlder(found, given.newestOnly) : found;
}

/** A safe code says that nothing holds the execution, and of what was not read that is not known. */
function withoutOlder({ code, evidence }: Diagnosis, newest: number): Diagnosis {
  const read = `only the newest ${newest.toLocaleString('en-US')} events of each type of its commands were read`;
  const sentence = `${evidence.sentence}; that would be ${code}, but ${read}, and an older command may still be in progress`;
  return { code: 'unknown', safe: false, evidence: { ...evidence, sentence } };
}

function firstThatApplies(given: StaleFacts, now: EpochMs, thresholds: StaleThresholds): Diagnosis {
  const facts = { ...given, outstanding: byAge(given.outstanding) };
  for (const code of STALE_CODES) {
    const evidence = RULES[code](facts, now, thresholds) ?? BELOW[code]?.(facts, now, thresholds);
    if (evidence) return verdict(code, evidence, now);
    // Before the first code that is safe: what just ended below may be about to move this one.
    if (code === 'queued') {
      const ended = endedBelow(facts, now, thresholds);
      if (ended) return verdict('finalizing', ended, now);
    }
  }
  return verdict('unknown', unexplained(facts, now), now);
}

const verdict = (code: StaleCode, evidence: Evidence, now: EpochMs): Diagnosis => ({
  code,
  safe: SAFE_CODES.has(code),
  evidence: complete(evidence, now),
});

/** What keeps a silent execution healthy by its own events; its ancestors wait for it rightly. */
export function healthyHold(
  facts: Pick<OwnFacts, 'outstanding' | 'pendingCallback'> & RecoveryFacts,
  now: EpochMs,
  thresholds: StaleThresholds,
): Pick<HeldRelative, 'by' | 'node' | 'workerId'> | null {
  const { pendingCallback } = facts;
  if (pendingCallback) return { by: 'callback', node: pendingCallback.node, workerId: null };
  const live = heldBy(facts, now, thresholds, (liveness) => liveness.kind !== 'lost')[0];
  if (live) return { by: 'claim', node: live.command.node, workerId: live.command.workerId };
  const again = recovering(facts, now, thresholds);
  if (again) return { by: 'recovering', node: again.command.node, workerId: again.command.workerId };
  const queue = queued(facts);
  return queue ? { by: 'queued', node: queue.command.node, workerId: null } : null;
}

/** True for a silent execution of which its own events do not say whether it is stuck: it may be about to end. */
export function isUndecided(
  { outstanding, lastFinished, newestOnly }: Pick<OwnFacts, 'outstanding' | 'lastFinished' | 'newestOnly'>,
  lastEvent: StaleFacts['lastEvent'],
  now: EpochMs,
  { finalizingMs }: StaleThresholds,
): boolean {
  if (newestOnly !== null) return true;
  if (outstanding.length > 0) return false;
  return !lastFinished || !endsAStep(lastEvent.type) || now - lastEvent.at < finalizingMs;
}

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

/** The parent of an execution; null or undefined where it has none that is known. */
export type ParentOf = (id: ExecutionId) => ExecutionId | null | undefined;

/** The ancestors of an execution from its parent upwards, each once, itself never, whatever cycles there are. */
export function* ancestorsOf(id: ExecutionId, parentOf: ParentOf): Generator<ExecutionId> {
  const seen = new Set([id]);
  for (let at = parentOf(id); at && !seen.has(at); at = parentOf(at)) {
    seen.add(at);
    yield at;
  }
}

/**
 * For every ancestor of the sources, the first source, in their order, that lies below it. Sources come best first, so
 * a walk may end at an ancestor that a better source has marked: all above it is marked too, except that source itself
 * where links close a cycle, which needs no mark of its own.
 */
export function markAncestors<Source extends { readonly executionId: ExecutionId }>(
  sources: Iterable<Source>,
  parentOf: ParentOf,
): Map<ExecutionId, Source> {
  const marks = new Map<ExecutionId, Source>();
  for (const source of sources) {
    for (const ancestor of ancestorsOf(source.executionId, parentOf)) {
      if (marks.has(ancestor)) break;
      marks.set(ancestor, source);
    }
  }
  return marks;
}
