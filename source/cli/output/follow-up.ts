import type { ExecutionId } from '../../domain/execution-id.js';
import { phaseCounts, stopSentence } from '../../domain/stopping/stop-sentences.js';
import { countPhases, isSettled, type StopState } from '../../domain/stopping/stopping.js';
import type { CancelReport } from '../../service/cancel/cancel.js';
import type { FollowService } from '../../service/follow/follow.js';
import type { FollowSnapshot } from '../../service/follow/follow-run.js';
import { isoTime } from '../../service/json.js';
import { visibleText } from '../../text/visible-text.js';
import type { Terminal } from './terminal.js';

/** How a followed cancel ended: the last look, and whether Ctrl-C ended the following. */
export interface FollowUp {
  readonly snapshot: FollowSnapshot;
  readonly interrupted: boolean;
}

/** Follows what a run cancelled until it has settled or the time is over; shows the progress on stderr. */
export async function followUp(
  follow: FollowService,
  report: CancelReport,
  { timeoutMs, terminal, signal }: { timeoutMs: number; terminal: Terminal; signal: AbortSignal },
): Promise<FollowUp> {
  const snapshot = await follow.follow(report, {
    timeoutMs,
    signal,
    onSnapshot: (each) => terminal.progress(`Following: ${phaseCounts(each.states)}`),
  });
  return { snapshot, interrupted: signal.aborted && !snapshot.allSettled };
}

/** The outcome of the following on stderr: one line, and one for each execution that has not stopped. */
export function noteFollowUp({ snapshot }: FollowUp, terminal: Terminal): void {
  for (const state of snapshot.states) {
    if (state.phase !== 'stopped') terminal.note(`Execution ${state.executionId}: ${explain(state)}`);
  }
  const late = snapshot.late?.length ?? 0;
  if (late > 0) {
    const what = late === 1 ? '1 execution' : `${late} executions`;
    terminal.note(`${what} appeared in the tree after the cancel; cancel again with --cascade`);
  }
  if (snapshot.problem !== undefined) terminal.note(`noetl-console: ${visibleText(snapshot.problem)}`);
  const issued = snapshot.states.reduce((sum, state) => sum + (state.issuedAfter ?? 0), 0);
  terminal.note(`${phaseCounts(snapshot.states)}${issued > 0 ? `; ${issued} issued afterwards, refused` : ''}`);
}

/** A stop state in the operator's words, with the event that proves it. */
export const explain = (state: StopState): string => stopSentence(state, (at) => `at ${isoTime(at)}`);

/** The follow-up of one requested id for its JSON body. */
export function followUpJson({ snapshot }: FollowUp, executions: readonly ExecutionId[]): object {
  const own = new Set(executions);
  const states = snapshot.states.filter((state) => own.has(state.executionId));
  return {
    settled: states.every((state) => isSettled(state.phase)) && (snapshot.late?.length ?? 0) === 0,
    phases: countPhases(states),
    late: snapshot.late ?? [],
    executions: states.map((state) => ({
      execution_id: state.executionId,
      phase: state.phase,
      draining: state.draining,
      issued_after: state.issuedAfter ?? 0,
      explanation: explain(state),
      violation: state.violation && {
        type: state.violation.type,
        node: state.violation.node,
        worker_id: state.violation.workerId,
        at: isoTime(state.violation.at),
      },
    })),
  };
}
