import type { DisplayStatus } from '../../domain/execution.js';
import { stopSentence } from '../../domain/stopping/stop-sentences.js';
import type { StopPhase, StopState } from '../../domain/stopping/stopping.js';
import type { Theme } from '../shell/theme.js';

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
  abandoned: { glyph: '□', word: 'abandoned', color: 'good' },
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
export const stopEvidence = (stop: StopState | undefined, age: (at: number) => string): string =>
  stop ? stopSentence(stop, (at) => `${age(at)} ago`) : 'the event log has not been read yet';

export const colorOf = (theme: Theme, word: Pick<StatusWord, 'color'>): string | undefined => theme[word.color];
