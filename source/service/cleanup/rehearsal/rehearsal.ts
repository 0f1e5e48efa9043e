import type { EpochMs } from '../../../domain/execution.js';
import type { ExecutionId } from '../../../domain/execution-id.js';
import { RehearsalTotals, type RehearsalVerdict } from '../../../domain/rehearsal/totals.js';
import { DEFAULT_THRESHOLDS } from '../../../domain/staleness/stale-facts.js';
import type { StaleCode } from '../../../domain/staleness/staleness-types.js';
import type { EventStore } from '../../../store/event-store.js';
import type { LogPage, RehearsalReader } from '../../../store/rehearsal/reader.js';
import { CleanupRefused, checkOlderThan, cleanedCodes } from '../rules.js';
import { Families } from './families.js';

/** Pages after its end for which an execution is remembered: Python appends rows to it within the second. */
const GENERATIONS = 2;

/**
 * Finds, in the pages of a log, executions that may have been silent for longer than a threshold. It remembers those
 * that have not ended, and names each once. Naming one too many is harmless: the caller reads its whole log.
 */
class LogWalk {
  events = 0;
  firstAt: EpochMs | null = null;
  readonly #open = new Map<ExecutionId, EpochMs>();
  readonly #named = new Set<ExecutionId>();
  #ended: Set<ExecutionId>[] = [];

  constructor(readonly staleAfterMs: number) {}

  /** Those that a page shows to have been silent. */
  take({ parts }: LogPage): ExecutionId[] {
    const endedHere = new Set<ExecutionId>();
    const found: ExecutionId[] = [];
    for (const part of parts) {
      this.events += part.events;
      this.firstAt = Math.min(this.firstAt ?? part.firstAt, part.firstAt);
      const before = this.#open.get(part.executionId);
      const gap = Math.max(part.longestGapMs, before === undefined ? 0 : part.firstAt - before);
      if (gap > this.staleAfterMs && this.#name(part.executionId)) found.push(part.executionId);
      if (part.ended) {
        endedHere.add(part.executionId);
        this.#open.delete(part.executionId);
      } else if (!this.#ended.some((generation) => generation.has(part.executionId))) {
        this.#open.set(part.executionId, Math.max(before ?? part.lastAt, part.lastAt));
      }
    }
    this.#ended = [endedHere, ...this.#ended].slice(0, GENERATIONS);
    return found;
  }

  /** Those that have been silent since their last event. */
  silentAt(now: EpochMs): ExecutionId[] {
    return [...this.#open].flatMap(([id, lastAt]) => (now - lastAt > this.staleAfterMs && this.#name(id) ? [id] : []));
  }

  #name(id: ExecutionId): boolean {
    if (this.#named.has(id)) return false;
    this.#named.add(id);
    return true;
  }
}

export type RehearsalStore = Pick<EventStore, 'clock' | 'catalogEntries' | 'linksBelow' | 'loadedWithNeighbours'> &
  RehearsalReader;

interface RehearsalProgress {
  /** How far the log has been read, and the stretch that is read. */
  readonly at: EpochMs;
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly events: number;
  readonly silences: number;
}

interface RehearsalOptions {
  /** How far back the log is walked, in milliseconds. */
  readonly windowMs: number;
  /** The threshold that is rehearsed, in milliseconds. */
  readonly olderThanMs: number;
  /** Codes that the cleanup would take besides the safe ones. */
  readonly include?: Iterable<StaleCode>;
  /** Which playbook paths; all when absent. */
  readonly wanted?: (path: string | null) => boolean;
  /** Rows of the log in one statement. */
  readonly pageRows?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: RehearsalProgress) => void;
}

export interface RehearsalReport {
  readonly asOf: EpochMs;
  readonly from: EpochMs;
  /** The first event in the window; null where there is none. */
  readonly firstEventAt: EpochMs | null;
  readonly olderThanMs: number;
  /** What an operator should know of a short threshold. */
  readonly warning: string | null;
  readonly codes: ReadonlySet<StaleCode>;
  /** Events of the window, the transport's left out. */
  readonly events: number;
  readonly silences: number;
  /** Executions with a silence. */
  readonly silentExecutions: number;
  /** With worker liveness unknown: a claim counts as live. */
  readonly asKnown: RehearsalVerdict;
  /** With every worker counted as lost. */
  readonly workersLost: RehearsalVerdict;
  /** Silent executions whose past is too large to be read, and why. */
  readonly notJudged: readonly { readonly executionId: ExecutionId; readonly why: string }[];
}

/** Rows of the log in one statement. */
const PAGE_ROWS = 25_000;
/** Executions that are judged together. */
const EXECUTIONS_AT_ONCE = 500;

/**
 * What a cleanup would have done in the past: walks the log of a window by time, finds every silence, and asks of each
 * what the rule would have said with the log as it was then. Writes nothing. Holds one page, the executions that had not
 * ended, one group of logs and the findings in memory.
 *
 * @throws CleanupRefused for a threshold or a window that cannot be rehearsed
 */
export async function rehearseCleanup(store: RehearsalStore, options: RehearsalOptions): Promise<RehearsalReport> {
  const { windowMs, olderThanMs, include, wanted, pageRows = PAGE_ROWS, signal, onProgress } = options;
  const threshold = checkOlderThan(olderThanMs);
  if (!threshold.ok) throw new CleanupRefused(threshold.problem);
  const reading = signal ? { signal } : {};
  const asOf = await store.clock(reading);
  const window = { from: asOf - windowMs, to: asOf };
  const codes = cleanedCodes(include);
  const totals = new RehearsalTotals(olderThanMs);
  const notJudged: { executionId: string; why: string }[] = [];
  const rules = { window, codes, thresholds: { ...DEFAULT_THRESHOLDS, staleAfterMs: olderThanMs } };
  const families = new Families(store, rules, wanted, reading, {
    rehearsed: (result) => totals.add(result),
    notJudged: (executionId, why) => void notJudged.push({ executionId, why }),
  });

  const walk = new LogWalk(olderThanMs);
  let waiting: string[] = [];
  const judgeWhile = async (enough: () => boolean) => {
    while (enough()) {
      signal?.throwIfAborted();
      await families.judge(waiting.slice(0, EXECUTIONS_AT_ONCE));
      waiting = waiting.slice(EXECUTIONS_AT_ONCE);
    }
  };
  for (let place: string | null = store.logFrom(window.from); place !== null; ) {
    signal?.throwIfAborted();
    const page = await store.logPage(place, window.to, pageRows, reading);
    waiting.push(...walk.take(page));
    await judgeWhile(() => waiting.length >= EXECUTIONS_AT_ONCE);
    onProgress?.({ ...window, at: page.lastAt, events: walk.events, silences: totals.silences });
    place = page.next;
  }
  waiting.push(...walk.silentAt(window.to));
  await judgeWhile(() => waiting.length > 0);
  return {
    asOf,
    from: window.from,
    firstEventAt: walk.firstAt,
    olderThanMs,
    warning: threshold.warning,
    codes,
    events: walk.events,
    silences: totals.silences,
    silentExecutions: totals.silentExecutions,
    asKnown: totals.verdict('unknown'),
    workersLost: totals.verdict('lost'),
    notJudged,
  };
}
