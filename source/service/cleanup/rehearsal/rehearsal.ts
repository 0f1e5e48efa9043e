import { checkOlderThan, cleanedCodes } from '../../../domain/cleanup-rules.js';
import { RehearsalTotals } from '../../../domain/rehearsal/totals.js';
import { DEFAULT_THRESHOLDS } from '../../../domain/staleness/stale-facts.js';
import { CleanupRefused } from '../refusals.js';
import { Families } from './families.js';
import { LogWalk } from './log-walk.js';
import type { RehearsalOptions, RehearsalReport, RehearsalStore } from './types.js';

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
