import { formatDuration } from './duration.js';
import type { EpochMs } from './execution.js';
import { isSilent } from './execution-status.js';
import type { HeldRelative, OutstandingCommand, OwnFacts, StaleFacts, StaleThresholds } from './stale-facts.js';
import { ago, andMore, clockTime, happening, heldVerb, step } from './stale-sentences.js';
import { type Diagnosis, SAFE_CODES, STALE_CODES, type StaleCode, type StaleEvidence } from './staleness-types.js';
import { endsAStep } from './step-words.js';
import { type Liveness, livenessOf } from './worker-liveness.js';

type Evidence = Partial<StaleEvidence> & Pick<StaleEvidence, 'sentence'>;
/** The evidence for one code, or null when the code does not apply. */
type Rule = (facts: StaleFacts, now: EpochMs, thresholds: StaleThresholds) => Evidence | null;

/**
 * Why a stale execution is silent: the first code of STALE_CODES that applies. Total, and the order in which facts of
 * one kind are listed does not matter. The reasons for the order are in docs/staleness.md.
 */
export function diagnose(facts: StaleFacts, now: EpochMs, thresholds: StaleThresholds): Diagnosis {
  for (const code of STALE_CODES) {
    const evidence = RULES[code](facts, now, thresholds);
    if (evidence) return { code, safe: SAFE_CODES.has(code), evidence: complete(evidence, now) };
  }
  return { code: 'unknown', safe: false, evidence: complete(unexplained(facts, now), now) };
}

/** What keeps a silent execution healthy by its own events; its ancestors wait for it rightly. */
export function healthyHold(
  facts: Pick<OwnFacts, 'outstanding' | 'pendingCallback'> & Pick<StaleFacts, 'heartbeats'>,
  now: EpochMs,
  thresholds: StaleThresholds,
): Pick<HeldRelative, 'by' | 'node' | 'workerId'> | null {
  const { pendingCallback } = facts;
  if (pendingCallback) return { by: 'callback', node: pendingCallback.node, workerId: null };
  const live = heldBy(facts, now, thresholds, (liveness) => liveness.kind !== 'lost')[0];
  return live ? { by: 'claim', node: live.command.node, workerId: live.command.workerId } : null;
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

const RULES: Readonly<Record<StaleCode, Rule>> = {
  'awaiting-callback': ({ pendingCallback }, now) =>
    pendingCallback && {
      sentence: `${step(pendingCallback.node)} has been waiting for an external callback since ${clockTime(pendingCallback.at, now)} (${formatDuration(now - pendingCallback.at)})`,
      eventType: pendingCallback.eventType,
      node: pendingCallback.node,
      commandId: pendingCallback.commandKey,
      at: pendingCallback.at,
    },

  'waiting-on-child': ({ newestDescendant, heldDescendant }, now, { staleAfterMs }) => {
    if (newestDescendant && !isSilent(newestDescendant.lastEvent.at, now, staleAfterMs)) {
      const { executionId, lastEvent } = newestDescendant;
      return {
        sentence: `its descendant ${executionId} is progressing: ${happening(lastEvent)} ${ago(lastEvent.at, now)}`,
        eventType: lastEvent.type,
        node: lastEvent.node,
        workerId: lastEvent.workerId,
        relatedExecutionId: executionId,
        at: lastEvent.at,
      };
    }
    return heldDescendant && waitingOnHeld(heldDescendant, now);
  },

  'parent-active': ({ parent }, now, { staleAfterMs }) => {
    if (parent?.status !== 'RUNNING' || isSilent(parent.lastEvent.at, now, staleAfterMs)) return null;
    const { executionId, lastEvent } = parent;
    return {
      sentence: `its parent ${executionId} is active: ${happening(lastEvent)} ${ago(lastEvent.at, now)}`,
      eventType: lastEvent.type,
      node: lastEvent.node,
      workerId: lastEvent.workerId,
      relatedExecutionId: executionId,
      at: lastEvent.at,
    };
  },

  'live-claim': (facts, now, thresholds) => {
    const live = heldBy(facts, now, thresholds, (liveness) => liveness.kind !== 'lost');
    // The newest claim: what has been held for the shortest time is the likeliest to be going on.
    const newest = live.at(-1);
    if (!newest) return null;
    const { command, liveness } = newest;
    const doing = `${command.workerId ?? 'a worker without a name'} ${heldVerb(command.stage)} ${step(command.node)} ${ago(command.at, now)}`;
    const known =
      liveness.kind === 'alive'
        ? `is alive (heartbeat ${ago(liveness.heartbeatAt, now)})`
        : 'has not ended it; worker liveness unknown';
    return { sentence: `${doing} and ${known}${andMore(live.length - 1)}`, ...ofCommand(command) };
  },

  imported: ({ bulkLoad }, now) =>
    bulkLoad && {
      sentence: `its rows were loaded at ${clockTime(bulkLoad.at, now)} together with those of ${bulkLoad.others} other execution${bulkLoad.others === 1 ? '' : 's'}, ${formatDuration(bulkLoad.lagMs)} after they were written: nothing runs it here`,
      at: bulkLoad.at,
      cohort: bulkLoad.ingestTime,
    },

  orphaned: ({ parent }, now) => {
    if (!parent || parent.status === 'RUNNING') return null;
    const when = parent.endedAt === null ? '' : ` ${ago(parent.endedAt, now)}`;
    return {
      sentence: `its parent ${parent.executionId} ended as ${parent.status}${when}, and this one did not end`,
      relatedExecutionId: parent.executionId,
      at: parent.endedAt,
    };
  },

  'worker-lost': (facts, now, thresholds) => {
    const lost = heldBy(facts, now, thresholds, (liveness) => liveness.kind === 'lost');
    const oldest = lost[0];
    if (oldest?.liveness.kind !== 'lost') return null;
    const { command, liveness } = oldest;
    const doing = `${command.workerId} ${heldVerb(command.stage)} ${step(command.node)} ${ago(command.at, now)}`;
    const gone =
      liveness.heartbeatAt === null
        ? 'is not in noetl.runtime any more'
        : `has not been heard of since ${clockTime(liveness.heartbeatAt, now)}`;
    return { sentence: `${doing} and ${gone}${andMore(lost.length - 1)}`, ...ofCommand(command) };
  },

  'never-claimed': ({ outstanding }, now) => {
    const waiting = byAge(outstanding.filter((command) => command.stage === 'issued'));
    const oldest = waiting[0];
    return oldest
      ? {
          sentence: `${step(oldest.node)} was issued ${ago(oldest.at, now)} and no worker has claimed it${andMore(waiting.length - 1)}`,
          ...ofCommand(oldest),
        }
      : null;
  },

  finalizing: (facts, now, { finalizingMs }) =>
    now - facts.lastEvent.at < finalizingMs ? nothingAfter(facts, now, '; the engine may yet write the end') : null,

  // While a descendant may yet write its end, the engine has not forgotten this one: it waits for that.
  'no-successor': (facts, now) =>
    facts.undecidedDescendant ? null : nothingAfter(facts, now, ', nor was the end written'),

  unknown: (facts, now) => unexplained(facts, now),
};

function waitingOnHeld(held: HeldRelative, now: EpochMs): Evidence {
  const why =
    held.by === 'callback'
      ? `waits at ${step(held.node)} for an external callback`
      : `is at ${step(held.node)}, held by ${held.workerId ?? 'a worker without a name'}`;
  return {
    sentence: `its descendant ${held.executionId} ${why}; last event ${ago(held.lastEvent.at, now)}`,
    eventType: held.lastEvent.type,
    node: held.node,
    workerId: held.workerId,
    relatedExecutionId: held.executionId,
    at: held.lastEvent.at,
  };
}

/** Every command is done and nothing was issued after: only then may silence mean that the engine forgot it. */
function nothingAfter(
  { outstanding, lastFinished, lastEvent }: StaleFacts,
  now: EpochMs,
  rest: string,
): Evidence | null {
  if (outstanding.length > 0 || !lastFinished || !endsAStep(lastEvent.type)) return null;
  return {
    sentence: `${step(lastFinished.node)} finished ${ago(lastFinished.at, now)} and nothing was issued after it${rest}`,
    eventType: lastFinished.type,
    node: lastFinished.node,
    at: lastFinished.at,
  };
}

function unexplained({ lastEvent, undecidedDescendant }: StaleFacts, now: EpochMs): Evidence {
  const why = undecidedDescendant
    ? `its descendant ${undecidedDescendant.executionId} has not ended and may yet do so`
    : 'its events do not say why';
  return {
    sentence: `silent since ${happening(lastEvent)} ${ago(lastEvent.at, now)}; ${why}`,
    relatedExecutionId: undecidedDescendant?.executionId ?? null,
    eventType: lastEvent.type,
    node: lastEvent.node,
    workerId: lastEvent.workerId,
    at: lastEvent.at,
  };
}

/** Held commands whose holder's liveness passes the test, oldest first. */
function heldBy(
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
const byAge = (commands: readonly OutstandingCommand[]): OutstandingCommand[] =>
  [...commands].sort((a, b) => a.at - b.at || (a.commandKey < b.commandKey ? -1 : a.commandKey > b.commandKey ? 1 : 0));

const ofCommand = (command: OutstandingCommand) => ({
  eventType: command.eventType,
  node: command.node,
  commandId: command.commandKey,
  workerId: command.workerId,
  at: command.at,
});

function complete(evidence: Evidence, now: EpochMs): StaleEvidence {
  const at = evidence.at ?? null;
  return {
    eventType: null,
    node: null,
    commandId: null,
    workerId: null,
    relatedExecutionId: null,
    cohort: null,
    ...evidence,
    at,
    ageMs: at === null ? null : Math.max(0, Math.round(now - at)),
  };
}
