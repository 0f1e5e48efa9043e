import type { EpochMs } from '../execution.js';
import { byAge, heldBy } from './held-commands.js';
import { queued, type RecoveryFacts, recovering } from './recovery.js';
import { complete, type Evidence } from './stale-evidence.js';
import type { HeldRelative, OwnFacts, StaleFacts, StaleThresholds } from './stale-facts.js';
import { BELOW, endedBelow } from './stale-kin-rules.js';
import { RULES, unexplained } from './stale-rules.js';
import { type Diagnosis, SAFE_CODES, STALE_CODES, type StaleCode } from './staleness-types.js';
import { endsAStep } from './step-words.js';

/**
 * Why a stale execution is silent: the first code of STALE_CODES that applies. Total, and the order in which facts of
 * one kind are listed does not matter. The reasons for the order are in docs/staleness.md.
 */
export function diagnose(given: StaleFacts, now: EpochMs, thresholds: StaleThresholds): Diagnosis {
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
  { outstanding, lastFinished }: Pick<OwnFacts, 'outstanding' | 'lastFinished'>,
  lastEvent: StaleFacts['lastEvent'],
  now: EpochMs,
  { finalizingMs }: StaleThresholds,
): boolean {
  if (outstanding.length > 0) return false;
  return !lastFinished || !endsAStep(lastEvent.type) || now - lastEvent.at < finalizingMs;
}
