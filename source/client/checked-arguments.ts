import { readIds } from '../cli/args/ids.js';
import { UsageError } from '../cli/args/usage-error.js';
import { checkReason } from '../domain/cancellation.js';
import type { ExecutionId } from '../domain/execution-id.js';
import { type Filter, parseFilter } from '../domain/filter.js';

/** Timers of Node.js hold 2^31 - 1 ms; a little is left for what comes after the time is over. */
const LONGEST_WAIT_MS = 24 * 86_400_000;

/** Canonical ids, each once. A program in JavaScript may pass what the types exclude: a number has lost digits by then. */
export function checkedIds(ids: readonly ExecutionId[]): ExecutionId[] {
  if (!Array.isArray(ids)) throw new UsageError('execution ids must be an array');
  if (ids.some((id) => typeof id !== 'string')) {
    throw new UsageError('execution ids must be strings: a number cannot hold all digits of a 64-bit id');
  }
  return readIds(ids);
}

export const checkedId = (id: ExecutionId): ExecutionId => checkedIds([id])[0] as ExecutionId;

/** Parsed in the console's grammar; empty where none was given. */
export function checkedFilter(text = ''): Filter {
  const read = parseFilter(text);
  if (read.ok) return read.filter;
  const { message, at, length } = read.problem;
  throw new UsageError(`filter: ${message}`, `at column ${at + 1}: ${text.slice(at, at + length)}`);
}

/** Trimmed, and null where none was given. */
export function checkedReason(text: string | undefined): string | null {
  const checked = checkReason(text);
  if (!checked.ok) throw new UsageError(checked.problem);
  return checked.reason;
}

/** NaN and Infinity would mean "no limit" further down. */
export function checkedMs(name: string, ms: number): number {
  if (ms >= 0 && ms <= LONGEST_WAIT_MS) return ms;
  throw new UsageError(`${name} must be milliseconds from 0 to ${LONGEST_WAIT_MS}`);
}

export function checkedLimit(limit: number): number {
  if (Number.isSafeInteger(limit) && limit >= 1) return limit;
  throw new UsageError('limit must be a whole number of at least 1');
}

/** 0 would mean "unlimited" further down. */
export function checkedRate(rate: number): number {
  if (rate > 0 && Number.isFinite(rate)) return rate;
  throw new UsageError('ratePerSecond must be a number above 0');
}

/** A word that is not known would quietly mean something else. */
export function checkedWord<Word extends string>(name: string, word: Word, words: readonly Word[]): Word {
  if (words.includes(word)) return word;
  throw new UsageError(`${name} does not know ${JSON.stringify(word)}: one of ${words.join(', ')}`);
}
