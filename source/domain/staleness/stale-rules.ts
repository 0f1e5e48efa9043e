import { formatDuration } from '../../text/duration.js';
import { endsAStep } from '../event-types.js';
import type { EpochMs } from '../execution.js';
import { isSilent } from '../execution-status.js';
import { byAge, heldBy, queued, recovering, type Waiting, waitingSentence } from './recovery.js';
import {
  ago,
  andMore,
  clockTime,
  type Evidence,
  failureLine,
  happening,
  heldVerb,
  ofCommand,
  ofRelative,
  type Rule,
  step,
} from './stale-evidence.js';
import type { Failure, StaleFacts } from './stale-facts.js';
import type { StaleCode } from './staleness-types.js';

/** What each code is seen by, in no order. */
export const RULES: Readonly<Record<StaleCode, Rule>> = {
  'awaiting-callback': ({ pendingCallback }, now) =>
    pendingCallback && {
      sentence: `${step(pendingCallback.node)} has been waiting for an external callback since ${clockTime(pendingCallback.at, now)} (${formatDuration(now - pendingCallback.at)})`,
      namedAt: pendingCallback.at,
      eventType: pendingCallback.eventType,
      node: pendingCallback.node,
      commandId: pendingCallback.commandKey,
      at: pendingCallback.at,
    },

  'waiting-on-child': ({ newestDescendant }, now, { staleAfterMs }) => {
    if (!newestDescendant || isSilent(newestDescendant.lastEvent.at, now, staleAfterMs)) return null;
    const { executionId, lastEvent } = newestDescendant;
    return {
      sentence: `its descendant ${executionId} has not ended, last event ${ago(lastEvent.at, now)} (${happening(lastEvent)})`,
      ...ofRelative(newestDescendant),
    };
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

  recovering: (facts, now, thresholds) => waiting(recovering(facts, now, thresholds), now),

  queued: (facts, now) => waiting(queued(facts), now),

  imported: ({ bulkLoad }, now) =>
    bulkLoad && {
      sentence: `its rows were loaded at ${clockTime(bulkLoad.at, now)} together with those of ${bulkLoad.others} other execution${bulkLoad.others === 1 ? '' : 's'}, ${formatDuration(bulkLoad.lagMs)} after they were written: nothing runs it here`,
      namedAt: bulkLoad.at,
      at: bulkLoad.at,
      cohort: bulkLoad.ingestTime,
    },

  'failed-step': (facts, now, { finalizingMs }) => {
    const { lastFailure, lastEvent, undecidedDescendant } = facts;
    if (!lastFailure || undecidedDescendant || now - lastEvent.at < finalizingMs) return null;
    if (!nothingAfter(facts, now, '')) return null;
    return {
      sentence: `failed step, no end written: ${failed(lastFailure, now)}`,
      eventType: lastFailure.type,
      node: lastFailure.node,
      at: lastFailure.at,
    };
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
        ? facts.heartbeats?.has(command.workerId ?? '')
          ? 'is marked offline in noetl.runtime'
          : 'is not in noetl.runtime any more'
        : `has not been heard of since ${clockTime(liveness.heartbeatAt, now)}`;
    return {
      sentence: `${doing} and ${gone}${andMore(lost.length - 1)}`,
      namedAt: liveness.heartbeatAt,
      ...ofCommand(command),
    };
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

  finalizing: (facts, now, { finalizingMs }) => {
    if (now - facts.lastEvent.at >= finalizingMs) return null;
    const known = nothingAfter(facts, now, '; the engine may yet write the end');
    return known && facts.lastFailure
      ? { ...known, sentence: `${failed(facts.lastFailure, now)}; the engine may yet write the end` }
      : known;
  },

  // While a descendant may yet write its end, the engine has not forgotten this one: it waits for that.
  'no-successor': (facts, now) =>
    facts.undecidedDescendant ? null : nothingAfter(facts, now, ', nor was the end written'),

  unknown: (facts, now) => unexplained(facts, now),
};

const waiting = (found: Waiting | null, now: EpochMs): Evidence | null =>
  found && { sentence: waitingSentence(found, now), ...ofCommand(found.command) };

function failed({ node, at, text }: Failure, now: EpochMs): string {
  const line = failureLine(text);
  return `${step(node)} failed ${ago(at, now)} and nothing was issued after it${line === null ? '' : ` (${line})`}`;
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

export function unexplained({ lastEvent, undecidedDescendant }: StaleFacts, now: EpochMs): Evidence {
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
