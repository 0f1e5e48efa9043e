import { type DisplayStatus, STATUS_GLYPHS } from '../../domain/execution.js';
import { STOP_WORDS, stopSentence } from '../../domain/stopping/stop-sentences.js';
import type { StopPhase, StopState } from '../../domain/stopping/stopping.js';

/** A glyph, a word, and the theme's colour for both: colour never carries it alone. */
export interface StatusWord {
  readonly glyph: string;
  readonly word: string;
  readonly color: 'running' | 'stale' | 'completed' | 'failed' | 'cancelled' | 'good' | 'warn' | 'bad' | 'faint';
}

const STATUS: Readonly<Record<DisplayStatus, { readonly short: string; readonly color: StatusWord['color'] }>> = {
  RUNNING: { short: 'RUN', color: 'running' },
  STALE: { short: 'STALE', color: 'stale' },
  COMPLETED: { short: 'DONE', color: 'completed' },
  FAILED: { short: 'FAIL', color: 'failed' },
  CANCELLED: { short: 'CANC', color: 'cancelled' },
};
/** The word of a status; `short` fits five cells. */
export const statusWord = (status: DisplayStatus): StatusWord & { readonly short: string } => ({
  glyph: STATUS_GLYPHS[status],
  word: status,
  ...STATUS[status],
});

const STOP: Readonly<Record<StopPhase, Omit<StatusWord, 'word'>>> = {
  requested: { glyph: '◔', color: 'warn' },
  draining: { glyph: '◑', color: 'warn' },
  stopped: { glyph: '■', color: 'good' },
  abandoned: { glyph: '□', color: 'good' },
  'still-emitting': { glyph: '▲', color: 'bad' },
};
const NOT_LOOKED: StatusWord = { glyph: '·', word: 'checking', color: 'faint' };

/** How far a cancel has come, in a word; how many commands are still in progress where that is known. */
export function stopWord(stop: StopState | undefined): StatusWord {
  if (!stop) return NOT_LOOKED;
  const count = stop.phase === 'draining' && stop.draining > 0 ? ` ${stop.draining}` : '';
  return { ...STOP[stop.phase], word: `${STOP_WORDS[stop.phase]}${count}` };
}

/** Glyph and word of a phase. */
export const stopSign = (phase: StopPhase): string => `${STOP[phase].glyph} ${STOP_WORDS[phase]}`;

/** The evidence for a stop state, in one sentence. */
export const stopEvidence = (stop: StopState | undefined, age: (at: number) => string): string =>
  stop ? stopSentence(stop, (at) => `${age(at)} ago`) : 'the event log has not been read yet';
