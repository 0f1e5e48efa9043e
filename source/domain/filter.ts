import { parseDuration } from '../text/duration.js';
import { matchesGlob } from '../text/glob.js';
import { type DisplayStatus, displayStatus, type EpochMs, type Execution, silentFor } from './execution.js';
import { parseExecutionId } from './execution-id.js';
import { RUNAWAY_CODES } from './runaway/facts.js';
import { STALE_CODES } from './staleness/staleness-types.js';

/** What stands in the why column. */
const WHY_CODES: readonly string[] = [...STALE_CODES, ...RUNAWAY_CODES];

/** One word of a filter. All words of a filter must hold. */
export type FilterTerm =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'path' | 'worker' | 'step' | 'why' | 'cohort' | 'reason' | 'by'; readonly glob: string }
  | { readonly kind: 'status'; readonly status: DisplayStatus }
  | { readonly kind: 'parent' | 'id'; readonly id: string }
  | { readonly kind: 'age' | 'run'; readonly sign: '<' | '>'; readonly ms: number };

/** A term, and whether it must not hold (`-status:stale`). */
export interface FilterWord {
  readonly term: FilterTerm;
  readonly not: boolean;
}
export type Filter = readonly FilterWord[];

/** Where a filter is wrong: `at` and `length` count code units of the text, for the caret. */
export interface FilterProblem {
  readonly message: string;
  readonly at: number;
  readonly length: number;
}

export type FilterResult =
  | { readonly ok: true; readonly filter: Filter }
  | { readonly ok: false; readonly problem: FilterProblem };

const STATUSES: readonly DisplayStatus[] = ['RUNNING', 'STALE', 'COMPLETED', 'FAILED', 'CANCELLED'];
const GLOB_FIELDS = ['path', 'worker', 'step', 'cohort', 'reason', 'by'] as const;
/** Every field that a filter knows, with an example; help is made from it. */
export const FILTER_FIELDS: readonly { readonly example: string; readonly words: string }[] = [
  { example: 'orders', words: 'text in id, path, step, worker or reason' },
  { example: 'status:stale', words: 'running, stale, completed, failed, cancelled' },
  { example: 'path:etl/*', words: 'playbook path; * and ? match any characters' },
  { example: 'age>10m', words: 'silent for longer than (age<1h: shorter)' },
  { example: 'run>2h', words: 'started longer ago than this' },
  { example: 'why:orphaned', words: 'diagnosis; * allowed' },
  { example: 'parent:ID', words: 'children of an execution' },
  { example: 'worker:w-7*', words: 'worker named by the latest events' },
  { example: 'step:load*', words: 'current step' },
  { example: 'reason:dup* by:ann*', words: 'of the cancel' },
  { example: '-why:unknown', words: 'prefix a term with - to negate it' },
  { example: '"two words"', words: 'quotes keep spaces' },
];
const FIELD_NAMES = ['status', 'age', 'run', 'why', 'parent', 'id', ...GLOB_FIELDS];

interface Word {
  readonly text: string;
  readonly at: number;
  readonly length: number;
  readonly quoted: boolean;
}

function splitWords(source: string): Word[] | FilterProblem {
  const words: Word[] = [];
  let index = 0;
  while (index < source.length) {
    if (/\s/.test(source.charAt(index))) {
      index += 1;
      continue;
    }
    const at = index;
    let text = '';
    let quoted = false;
    while (index < source.length && !/\s/.test(source.charAt(index))) {
      if (source[index] !== '"') {
        text += source[index];
        index += 1;
        continue;
      }
      const close = source.indexOf('"', index + 1);
      if (close < 0) return { message: 'unclosed quote', at: index, length: source.length - index };
      if (text === '' || text === '-') quoted = true;
      text += source.slice(index + 1, close);
      index = close + 1;
    }
    words.push({ text, at, length: index - at, quoted });
  }
  return words;
}

function termOf(word: Word, text: string): FilterTerm | string {
  if (word.quoted) return text === '' ? 'empty quotes' : { kind: 'text', text: text.toLowerCase() };
  const age = /^(age|run)([<>])(.*)$/i.exec(text);
  if (age) {
    const [, what = '', sign, length = ''] = age;
    const ms = parseDuration(length);
    if (ms === null) return `"${length}" is not a duration (90s, 10m, 2h, 1d)`;
    return { kind: what.toLowerCase() as 'age' | 'run', sign: sign as '<' | '>', ms };
  }
  const field = /^([a-z]+):(.*)$/i.exec(text);
  if (!field) return { kind: 'text', text: text.toLowerCase() };
  const [, rawName = '', value = ''] = field;
  const name = rawName.toLowerCase();
  if (!FIELD_NAMES.includes(name)) return `no field "${name}"; there are ${FIELD_NAMES.join(', ')}`;
  if (value === '') return `${name}: needs a value`;
  if (name === 'age' || name === 'run') return `write ${name}>10m or ${name}<1h`;
  if (name === 'status') {
    const status = STATUSES.find((known) => known.startsWith(value.toUpperCase()));
    return status ? { kind: 'status', status } : `no status "${value}"; there are ${STATUSES.join(', ').toLowerCase()}`;
  }
  if (name === 'why') {
    const wanted = value.toLowerCase();
    if (!/[*?]/.test(wanted) && !WHY_CODES.some((code) => code.startsWith(wanted))) {
      return `no code "${value}"; there are ${WHY_CODES.join(', ')}`;
    }
    return { kind: 'why', glob: /[*?]/.test(wanted) ? wanted : `${wanted}*` };
  }
  if (name === 'parent' || name === 'id') {
    const id = parseExecutionId(value);
    return id.ok ? { kind: name, id: id.id } : `"${value}" ${id.problem}`;
  }
  // What is left of FIELD_NAMES is one of these.
  const glob = GLOB_FIELDS.find((known) => known === name)!;
  return { kind: glob, glob: value };
}

/** Reads a filter; on an error says where it is. An empty text is the filter that lets everything through. */
export function parseFilter(source: string): FilterResult {
  const words = splitWords(source);
  if (!Array.isArray(words)) return { ok: false, problem: words };
  const filter: FilterWord[] = [];
  for (const word of words) {
    const not = word.text.startsWith('-') && word.text.length > 1;
    const term = termOf(word, not ? word.text.slice(1) : word.text);
    if (typeof term === 'string') return { ok: false, problem: { message: term, at: word.at, length: word.length } };
    filter.push({ term, not });
  }
  return { ok: true, filter };
}

/** What a filter looks at: an execution, and what is known beside its row; absent or null matches no term. */
export interface ExecutionFacts {
  readonly execution: Execution;
  readonly currentStep: string | null;
  readonly workerId: string | null;
  readonly diagnosis: { readonly code: string; readonly evidence: { readonly cohort: string | null } } | null;
  readonly runaway?: { readonly code: string };
  readonly cancellation?: { readonly reason: string | null; readonly cancelledBy: string | null };
}

/** The database's time, and from when on silence is staleness (milliseconds). */
interface FilterClock {
  readonly now: EpochMs;
  readonly staleAfterMs: number;
}

const has = (value: string | null | undefined, text: string): boolean => value?.toLowerCase().includes(text) === true;
const globs = (glob: string, value: string | null | undefined): boolean =>
  value !== null && value !== undefined && matchesGlob(glob, value);
const compares = (sign: '<' | '>', value: number, limit: number): boolean =>
  sign === '>' ? value > limit : value < limit;

function holds(term: FilterTerm, facts: ExecutionFacts, clock: FilterClock): boolean {
  const { execution } = facts;
  switch (term.kind) {
    case 'text':
      return (
        execution.executionId.includes(term.text) ||
        has(execution.path, term.text) ||
        has(facts.currentStep, term.text) ||
        has(facts.workerId, term.text) ||
        has(facts.cancellation?.reason, term.text)
      );
    case 'status':
      return displayStatus(execution, clock.now, clock.staleAfterMs) === term.status;
    case 'path':
      return globs(term.glob, execution.path);
    case 'worker':
      return globs(term.glob, facts.workerId);
    case 'step':
      return globs(term.glob, facts.currentStep);
    case 'why':
      return globs(term.glob, facts.diagnosis?.code) || globs(term.glob, facts.runaway?.code);
    case 'cohort':
      return globs(term.glob, facts.diagnosis?.evidence.cohort);
    case 'reason':
      return globs(term.glob, facts.cancellation?.reason);
    case 'by':
      return globs(term.glob, facts.cancellation?.cancelledBy);
    case 'parent':
      return execution.parentExecutionId === term.id;
    case 'id':
      return execution.executionId === term.id;
    case 'age':
      return compares(term.sign, silentFor(execution, clock.now), term.ms);
    case 'run':
      return execution.startedAt !== null && compares(term.sign, clock.now - execution.startedAt, term.ms);
  }
}

/** Whether an execution passes a filter at a moment. */
export function passes(filter: Filter, facts: ExecutionFacts, clock: FilterClock): boolean {
  for (const word of filter) if (holds(word.term, facts, clock) === word.not) return false;
  return true;
}
