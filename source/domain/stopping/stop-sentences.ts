import { visibleText } from '../../text/visible-text.js';
import { countPhases, type StopPhase, type StopState } from './stopping.js';

/** The phases as people read them; the same in the console, on the command line and in reports. */
export const STOP_WORDS: Readonly<Record<StopPhase, string>> = {
  requested: 'requested',
  draining: 'draining',
  'still-emitting': 'still emitting',
  stopped: 'stopped',
  abandoned: 'abandoned',
};

const SHOWN_FIRST: readonly StopPhase[] = ['stopped', 'abandoned', 'still-emitting', 'draining', 'requested'];

/** "15 stopped, 4 abandoned": the phases that occur, settled ones first. */
export const phaseCounts = (states: readonly Pick<StopState, 'phase'>[]): string => phaseTotals(countPhases(states));

/** The same from totals. */
export function phaseTotals(counts: Readonly<Record<StopPhase, number>>): string {
  const parts = SHOWN_FIRST.filter((phase) => counts[phase] > 0).map(
    (phase) => `${counts[phase]} ${STOP_WORDS[phase]}`,
  );
  return parts.join(', ') || 'nothing to follow';
}

/** A stop state with its evidence in one line; `when` says a time, such as `3s ago` or `at 2026-05-22T03:30:00Z`. */
export function stopSentence(state: StopState, when: (at: number) => string): string {
  const issued = state.issuedAfter ? `; ${state.issuedAfter} issued afterwards, refused` : '';
  return `${phaseSentence(state, when)}${issued}`;
}

function phaseSentence(state: StopState, when: (at: number) => string): string {
  const { violation } = state;
  const ran = violation ? `${work(state)} ${when(violation.at)} came after the cancel` : '';
  switch (state.phase) {
    case 'requested':
      return 'requested: nothing was in progress; watching for claims that were under way';
    case 'draining':
      if (state.draining > 0) return `draining: ${inProgress(state, when)}`;
      return `draining: what was in progress has ended; watching for new claims${ran && `; ${ran} and has ended`}`;
    case 'stopped':
      return ran ? `stopped; ${ran} and has ended` : 'stopped';
    case 'abandoned':
      return `abandoned: ${inProgress(state, when)}; nothing can start`;
    case 'still-emitting':
      return `still emitting: ${ran || 'work was started after the cancel'}`;
  }
}

function work({ violation }: StopState): string {
  if (!violation) return '';
  const by = violation.workerId === null ? '' : ` by ${visibleText(violation.workerId)}`;
  return `${visibleText(violation.type)} of ${visibleText(violation.node ?? violation.commandKey)}${by}`;
}

/** The commands in progress: how many, and the one whose news is oldest, with its worker. */
function inProgress(state: StopState, when: (at: number) => string): string {
  const count = `${state.draining} ${state.draining === 1 ? 'command' : 'commands'} in progress`;
  const holding = state.holding ?? [];
  const gone = holding.filter((command) => command.workerAlive === false);
  const [first] = [...(gone.length > 0 ? gone : holding)].sort((a, b) => a.since - b.since);
  if (!first) return count;
  const on = `${visibleText(first.node ?? first.commandKey)} on ${visibleText(first.workerId ?? 'an unnamed worker')}`;
  const some =
    gone.length === holding.length || gone.length === 0 ? '' : `; ${gone.length} of them on workers that are gone`;
  return `${count}: ${on}${gone.length === 0 ? '' : ' (gone)'}, last event ${when(first.since)}${some}`;
}
