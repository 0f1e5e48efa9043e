import type { DisplayStatus } from '../../domain/execution.js';
import type { StopPhase, StopState } from '../../domain/stopping.js';
import { visibleText } from '../../domain/visible-text.js';
import type { Theme } from '../theme.js';

/** A glyph, a word, and the theme's colour for both: colour never carries it alone. */
export interface StatusWord {
  readonly glyph: string;
  readonly word: string;
  readonly color: 'running' | 'stale' | 'completed' | 'failed' | 'cancelled' | 'good' | 'warn' | 'bad' | 'faint';
}

const STATUS: Readonly<Record<DisplayStatus, StatusWord & { readonly short: string }>> = {
  RUNNING: { glyph: '●', word: 'RUNNING', short: 'RUN', color: 'running' },
  STALE: { glyph: '◌', word: 'STALE', short: 'STALE', color: 'stale' },
  COMPLETED: { glyph: '✓', word: 'COMPLETED', short: 'DONE', color: 'completed' },
  FAILED: { glyph: '✗', word: 'FAILED', short: 'FAIL', color: 'failed' },
  CANCELLED: { glyph: '■', word: 'CANCELLED', short: 'CANC', color: 'cancelled' },
};
/** The word of a status; `short` fits five cells. */
export const statusWord = (status: DisplayStatus): StatusWord & { readonly short: string } => STATUS[status];

const STOP: Readonly<Record<StopPhase, StatusWord>> = {
  requested: { glyph: '◔', word: 'requested', color: 'warn' },
  draining: { glyph: '◑', word: 'draining', color: 'warn' },
  stopped: { glyph: '■', word: 'stopped', color: 'good' },
  'still-emitting': { glyph: '▲', word: 'still emitting', color: 'bad' },
};
const NOT_LOOKED: StatusWord = { glyph: '·', word: 'looking', color: 'faint' };

/** How far a cancel has come, in a word; how many commands are still in progress where that is known. */
export function stopWord(stop: StopState | undefined): StatusWord {
  if (!stop) return NOT_LOOKED;
  const word = STOP[stop.phase];
  return stop.phase === 'draining' ? { ...word, word: `draining ${stop.draining}` } : word;
}

/** The evidence for a stop state, in one sentence. */
export function stopEvidence(stop: StopState | undefined, age: (at: number) => string): string {
  if (!stop) return 'the event log has not been looked at yet';
  switch (stop.phase) {
    case 'requested':
      return 'the cancel is written; nothing has been in the log since, and it is being watched a little longer';
    case 'stopped':
      return 'no command in progress and no new work since the cancel';
    case 'draining': {
      const held = stop.holding?.[0];
      const count = `${stop.draining} command${stop.draining === 1 ? '' : 's'} that ran at the cancel still to end`;
      if (!held) return count;
      const worker = visibleText(held.workerId ?? 'a worker');
      const gone = held.workerAlive === false ? ', and that worker is gone: it may never end' : '';
      return `${count}: ${visibleText(held.node ?? held.commandKey)} on ${worker} since ${age(held.since)}${gone}`;
    }
    case 'still-emitting': {
      const { offence } = stop;
      if (!offence) return 'new work was started after the cancel';
      const step = visibleText(offence.node ?? offence.commandKey);
      const by = offence.workerId ? ` by ${visibleText(offence.workerId)}` : '';
      return `${visibleText(offence.type)} on ${step}${by}, ${age(offence.at)} ago, came after the cancel`;
    }
  }
}

export const colorOf = (theme: Theme, word: Pick<StatusWord, 'color'>): string | undefined => theme[word.color];
