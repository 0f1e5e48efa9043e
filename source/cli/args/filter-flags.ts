import { type Filter, parseFilter, passes } from '../../domain/filter.js';
import type { StaleExecution } from '../../service/diagnose/stale-summary.js';
import { factsOf } from '../../service/filter-facts.js';
import type { ListFilter } from '../../service/list.js';
import { readId } from './ids.js';
import type { Flags } from './parsed-flags.js';
import { UsageError } from './usage-error.js';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 100_000;

/**
 * What `list` is asked for by its flags, `--filter` aside.
 * @throws UsageError
 */
export function listFilter(flags: Flags, now: number, staleAfterMs: number): ListFilter {
  const parent = flags.text('parent');
  const path = flags.text('path');
  const since = flags.moment('since', now);
  return {
    status: flags.text('status') ?? 'all',
    path,
    ...(parent === undefined ? {} : { parent: readId(parent) }),
    since,
    limit: flags.integer('limit', { least: 1, most: MAX_LIMIT }) ?? DEFAULT_LIMIT,
    staleAfterMs,
  };
}

/**
 * The expression of `--filter`, in the console's grammar, with `--path` as one more word of it. Empty where neither is given.
 * @throws UsageError that quotes the word that is wrong
 */
export function filterOf(flags: Flags): Filter {
  const source = flags.text('filter') ?? '';
  const read = parseFilter(source);
  if (!read.ok) {
    const { message, at, length } = read.problem;
    throw new UsageError(
      `--filter: ${message}`,
      `at column ${at + 1}: ${source.slice(at, at + length)}   ('?' in the console explains the expression)`,
    );
  }
  const glob = flags.text('path');
  return glob === undefined ? read.filter : [...read.filter, { term: { kind: 'path', glob }, not: false }];
}

/**
 * Which stale executions `--filter`, `--path` and `--why` name; null where none of them is given, and all are.
 * @throws UsageError
 */
export function staleChosenBy(
  flags: Flags,
): ((one: StaleExecution, clock: { now: number; staleAfterMs: number }) => boolean) | null {
  const filter = filterOf(flags);
  const codes = flags.texts('why');
  if (filter.length === 0 && codes.length === 0) return null;
  return ({ execution, diagnosis }, clock) =>
    (codes.length === 0 || codes.includes(diagnosis.code)) && passes(filter, factsOf(execution, { diagnosis }), clock);
}
