import { type EngineState, judgeEngine } from '../../../source/domain/conditions/conditions.js';
import { terminalStatusOf } from '../../../source/domain/execution-status.js';
import type { Family } from '../../../source/domain/rehearsal/rehearse.js';
import { knownAt, type Runtime, verdictWith } from '../../../source/domain/rehearsal/verdict.js';
import { factsFromEvents } from '../../../source/domain/staleness/facts-from-events.js';
import { fleetOf } from '../../../source/domain/staleness/recovery.js';
import { DEFAULT_THRESHOLDS, heartbeatsOf } from '../../../source/domain/staleness/stale-facts.js';
import type { Diagnosis } from '../../../source/domain/staleness/staleness-types.js';
import type { Engine, Future } from './engine.js';

/** Every execution with its relatives. */
export function familiesOf(futures: readonly Future[]): Map<string, Family> {
  const byId = new Map(futures.map((future) => [future.log.executionId, future.log]));
  const families = new Map<string, { own: Family['own']; parent: Family['parent']; descendants: Family['own'][] }>(
    futures.map(({ log }) => [
      log.executionId,
      { own: log, parent: byId.get(log.parentExecutionId ?? '') ?? null, descendants: [] },
    ]),
  );
  for (const { log } of futures) {
    for (let id = log.parentExecutionId; id !== null; id = byId.get(id)?.parentExecutionId ?? null) {
      families.get(id)?.descendants.push(log);
    }
  }
  return families;
}

/** What the console would say at a moment: the diagnoses, and safe only while no condition of the engine holds. */
export function judgeAt(
  engine: Engine,
  futures: readonly Future[],
  moment: number,
  staleAfterMs: number,
  families = familiesOf(futures),
): { readonly diagnoses: Map<string, Diagnosis>; readonly engine: EngineState } {
  const thresholds = { ...DEFAULT_THRESHOLDS, staleAfterMs };
  const runtime = engine.runtimeAt(moment);
  const running = futures.filter(({ log }) => {
    const known = knownAt(log, moment);
    return known.length > 0 && !known.some(({ type }) => terminalStatusOf(type));
  });
  const outstanding = running.flatMap(({ log }) => factsFromEvents(knownAt(log, moment)).outstanding);
  const state = judgeEngine(
    {
      runtime,
      commands: { kind: 'unknown', why: 'the history has no noetl.command' },
      waiting: {
        unclaimed: outstanding.filter(({ stage }) => stage === 'issued').length,
        held: outstanding.filter(({ stage }) => stage !== 'issued').length,
        executions: running.length,
        oldestAt: null,
        atLeast: false,
      },
      withoutWorkersAt: null,
    },
    moment,
  );
  const workers: Runtime = {
    heartbeats: heartbeatsOf(runtime),
    fleet: fleetOf(runtime, moment, thresholds),
    recentClaims: claimsOf(futures, moment, staleAfterMs),
  };
  const diagnoses = new Map<string, Diagnosis>();
  for (const { log } of running) {
    const diagnosis = verdictWith(families.get(log.executionId)!, moment, workers, thresholds);
    if (!diagnosis) continue;
    diagnoses.set(log.executionId, { ...diagnosis, safe: diagnosis.safe && state.conditions.length === 0 });
  }
  return { diagnoses, engine: state };
}

/** As the store reads it (store/stale-facts/recent-claims.ts). */
function claimsOf(futures: readonly Future[], moment: number, withinMs: number): NonNullable<Runtime['recentClaims']> {
  const workers = new Set<string>();
  let newestIssue: number | null = null;
  for (const { log } of futures) {
    for (const { type, at, workerId, commandId } of log.events) {
      if (type !== 'command.claimed' || at > moment || at < moment - withinMs) continue;
      if (workerId) workers.add(workerId);
      const issue = log.events.find((event) => event.type === 'command.issued' && event.commandId === commandId);
      if (issue) newestIssue = Math.max(newestIssue ?? issue.at, issue.at);
    }
  }
  return { workers, newestIssue, complete: true };
}
