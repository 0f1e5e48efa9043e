import { type DisplayStatus, STATUS_GLYPHS } from '../../domain/execution.js';
import type { StaleCode } from '../../domain/staleness/staleness-types.js';
import { STOP_WORDS, stopSentence } from '../../domain/stopping/stop-sentences.js';
import type { StopPhase, StopState } from '../../domain/stopping/stopping.js';

/** What each code says, in a few words; for help and for the dialog's list of unsafe ones. */
export const CODE_WORDS: Readonly<Record<StaleCode, string>> = {
  'awaiting-callback': 'parked on an external callback',
  'waiting-on-child': 'a descendant has not ended and emits events',
  'parent-active': 'its parent has not ended and emits events',
  'live-claim': 'a live worker holds a command',
  recovering: "the engine's own recovery can still hand its command on",
  queued: 'its command waits while all workers are busy',
  imported: 'its rows were bulk-loaded long after they were created',
  'failed-step': 'failed step, no end written for an hour',
  orphaned: 'its parent ended, it did not',
  'worker-lost': 'the worker of its command is gone',
  'never-claimed': 'a command was issued that no worker claimed',
  finalizing: 'after its last step; its end may still be written',
  'no-successor': 'nothing followed its last step for an hour',
  unknown: 'no known cause',
};

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
