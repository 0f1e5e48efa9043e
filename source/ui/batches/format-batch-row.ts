import type { ExecutionId } from '../../domain/execution-id.js';
import type { StopState } from '../../domain/stopping/stopping.js';
import { formatDuration } from '../../text/duration.js';
import { type StatusWord, stopEvidence, stopWord } from '../rows/format-status.js';
import { type Batch, isBegunLater } from './batch-state.js';
import { outcomeWord } from './format-batch.js';

/** What a batch's screen says of one execution. */
export interface BatchRowText {
  /** What the batch did with it. */
  readonly state: StatusWord;
  /** How far it has come to a stop since, where that is being watched. */
  readonly progress: StatusWord | null;
  /** Details, where there is no progress. */
  readonly detail: string;
  /** The one word of a narrow screen. */
  readonly word: StatusWord;
}

const BEGUN_LATER: StatusWord = { glyph: '+', word: 'began later', color: 'warn' };
const RUNS_ON: StatusWord = { glyph: '●', word: 'still running', color: 'bad' };
const OVER: StatusWord = { glyph: '✓', word: 'ended since', color: 'faint' };

function laterProgress(stop: StopState | undefined): StatusWord {
  if (stop?.phase === 'still-emitting') return RUNS_ON;
  return stop?.phase === 'stopped' ? OVER : stopWord(stop);
}

export function formatBatchRow(batch: Batch, id: ExecutionId): BatchRowText {
  const stop = batch.stops.get(id);
  if (isBegunLater(batch, id)) {
    return { state: BEGUN_LATER, progress: laterProgress(stop), detail: '', word: BEGUN_LATER };
  }
  const outcome = batch.outcomes.get(id);
  if (outcome?.kind === 'cancelled') {
    const { detail, ...state } = outcomeWord(outcome);
    const progress = stop || batch.follow ? stopWord(stop) : null;
    return { state, progress, detail, word: progress ?? state };
  }
  const ended = outcome ? undefined : batch.plan.ended.find((one) => one.executionId === id);
  if (ended) {
    const state: StatusWord = { glyph: '✓', word: 'had ended', color: 'faint' };
    return { state, progress: null, detail: `${ended.as}, before the cancel`, word: state };
  }
  const isUnknown = !outcome && batch.plan.unknown.includes(id);
  const { detail, ...state } = outcomeWord(isUnknown ? { kind: 'unknown', executionId: id, rootId: id } : outcome);
  return { state, progress: null, detail, word: state };
}

/** The evidence for one execution of a batch, in a sentence. */
export function batchEvidence(batch: Batch, id: ExecutionId, now: number): string {
  const stop = batch.stops.get(id);
  const age = (at: number) => formatDuration(now - at);
  if (isBegunLater(batch, id)) {
    const { progress } = formatBatchRow(batch, id);
    const last = stop?.violation ? `; ${stopEvidence(stop, age)}` : '';
    return `started after the cancel by a command still running then; not cancelled by this batch; ${progress?.word}${last}`;
  }
  return batch.outcomes.get(id)?.kind === 'cancelled' ? stopEvidence(stop, age) : formatBatchRow(batch, id).detail;
}
