import type { ExecutionId } from '../../domain/execution-id.js';
import type { StopState } from '../../domain/stopping.js';
import { visibleText } from '../../domain/visible-text.js';
import type { CancelReport } from '../../service/cancel-types.js';
import { isoTime } from '../../service/execution-json.js';
import type { FollowService, FollowSnapshot } from '../../service/follow-types.js';
import type { Terminal } from '../terminal.js';

/** How a followed cancel ended: the last look, and whether Ctrl-C ended the following. */
export interface FollowUp {
  readonly snapshot: FollowSnapshot;
  readonly interrupted: boolean;
}

/** Follows what a run cancelled until it has stopped or the time is over; tells how it goes on stderr. */
export async function followUp(
  follow: FollowService,
  report: CancelReport,
  { timeoutMs, terminal, signal }: { timeoutMs: number; terminal: Terminal; signal: AbortSignal },
): Promise<FollowUp> {
  const snapshot = await follow.follow(report, {
    timeoutMs,
    signal,
    onSnapshot: (each) => terminal.progress(`Following: ${counts(each)}`),
  });
  return { snapshot, interrupted: signal.aborted && !snapshot.allStopped };
}

/** The outcome of the following on stderr: one line, and one for each execution that has not stopped. */
export function noteFollowUp({ snapshot }: FollowUp, terminal: Terminal): void {
  for (const state of snapshot.states) {
    if (state.phase !== 'stopped') terminal.note(`Execution ${state.executionId}: ${explain(state)}`);
  }
  const late = snapshot.late?.length ?? 0;
  if (late > 0)
    terminal.note(`${late} execution(s) appeared in the tree after the cancel; cancel again with --cascade`);
  if (snapshot.problem !== undefined) terminal.note(`noetl-console: ${visibleText(snapshot.problem)}`);
  const stopped = snapshot.states.filter((state) => state.phase === 'stopped').length;
  terminal.note(`Stopped: ${stopped} of ${snapshot.states.length} execution(s)`);
}

function counts({ states }: FollowSnapshot): string {
  const of = (phase: StopState['phase']) => states.filter((state) => state.phase === phase).length;
  const commands = states.reduce((sum, state) => sum + state.draining, 0);
  return `${of('stopped')} stopped, ${of('requested')} requested, ${of('draining')} draining (${commands} command(s)), ${of('still-emitting')} still emitting`;
}

/** A stop state in the operator's words, with the event that proves it. */
export function explain(state: StopState): string {
  switch (state.phase) {
    case 'stopped':
      return 'stopped';
    case 'requested':
      return 'requested; nothing further seen yet';
    case 'draining': {
      const lost = state.holding?.filter((command) => command.workerAlive === false).length ?? 0;
      const gone = lost > 0 ? `; the worker of ${lost} is gone, so they may never end` : '';
      return `draining: ${state.draining} command(s) that were in progress have not ended${gone}`;
    }
    case 'still-emitting': {
      const { offence } = state;
      if (!offence) return 'still emitting';
      const node = offence.node === null ? '' : ` of ${visibleText(offence.node)}`;
      const worker = offence.workerId === null ? '' : ` by ${visibleText(offence.workerId)}`;
      return `still emitting: ${visibleText(offence.type)}${node}${worker} at ${isoTime(offence.at)}`;
    }
  }
}

/** The follow-up of one requested id for its JSON body. */
export function followUpJson({ snapshot }: FollowUp, executions: readonly ExecutionId[]): object {
  const own = new Set(executions);
  const states = snapshot.states.filter((state) => own.has(state.executionId));
  return {
    all_stopped: states.every((state) => state.phase === 'stopped') && (snapshot.late?.length ?? 0) === 0,
    late: snapshot.late ?? [],
    executions: states.map((state) => ({
      execution_id: state.executionId,
      phase: state.phase,
      draining: state.draining,
      offence: state.offence && {
        type: state.offence.type,
        node: state.offence.node,
        worker_id: state.offence.workerId,
        at: isoTime(state.offence.at),
      },
    })),
  };
}
