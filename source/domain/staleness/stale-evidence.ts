import type { EpochMs } from '../execution.js';
import type { OutstandingCommand, Relative, StaleFacts, StaleThresholds } from './stale-facts.js';
import type { StaleEvidence } from './staleness-types.js';

export type Evidence = Partial<StaleEvidence> & Pick<StaleEvidence, 'sentence'>;
/** The evidence for one code, or null when the code does not apply. */
export type Rule = (facts: StaleFacts, now: EpochMs, thresholds: StaleThresholds) => Evidence | null;

export const ofRelative = ({ executionId, lastEvent }: Relative) => ({
  eventType: lastEvent.type,
  node: lastEvent.node,
  workerId: lastEvent.workerId,
  relatedExecutionId: executionId,
  at: lastEvent.at,
});

export const ofCommand = (command: OutstandingCommand) => ({
  eventType: command.eventType,
  node: command.node,
  commandId: command.commandKey,
  workerId: command.workerId,
  at: command.at,
});

export function complete(evidence: Evidence, now: EpochMs): StaleEvidence {
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
