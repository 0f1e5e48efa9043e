import { createStore, type StoreApi } from 'zustand/vanilla';
import { displayStatus, type EpochMs, silentFor } from '../../domain/execution.js';
import { SAFE_CODES, STALE_CODES } from '../../domain/staleness/staleness-types.js';
import type { ExecutionSummary } from '../../service/live-feed/feed-state.js';
import { formatDuration } from '../../text/duration.js';
import { keepInView, MOVES, moveCursor } from '../kit/scroll.js';
import { BODY_TOP, bodyRows } from '../shell/body-rows.js';
import { actCommonly } from '../shell/common-actions.js';
import type { ConsoleContext } from '../shell/console-context.js';
import type { ActionId } from '../shell/keymap-types.js';
import type { Screen } from '../shell/screen.js';

/** A line of the table of causes; the keys are its headings. */
export type CauseRow = {
  readonly why: string;
  readonly safe: 'yes' | 'no' | '';
  readonly executions: number;
  readonly playbooks: number;
  readonly longest: string;
};

interface Tally {
  executions: number;
  longestMs: number;
  readonly paths: Set<string | null>;
}

/** The stale executions by cause: those safe to clean first, within that in the order of the codes, and a last line for all. */
export function causeRows(rows: Iterable<ExecutionSummary>, now: EpochMs, staleAfterMs: number): CauseRow[] {
  const tallies = new Map<string, Tally>();
  const all: Tally = { executions: 0, longestMs: 0, paths: new Set() };
  /** Of these one was called unsafe: by its code, or because a condition of the engine holds. */
  const notSafe = new Set<string>();
  for (const { execution, diagnosis } of rows) {
    if (displayStatus(execution, now, staleAfterMs) !== 'STALE') continue;
    const why = diagnosis?.code ?? BEING_DIAGNOSED;
    if (diagnosis?.safe === false) notSafe.add(why);
    const own = tallies.get(why) ?? { executions: 0, longestMs: 0, paths: new Set() };
    tallies.set(why, own);
    for (const tally of [own, all]) {
      tally.executions += 1;
      tally.longestMs = Math.max(tally.longestMs, silentFor(execution, now));
      tally.paths.add(execution.path);
    }
  }
  const safe = STALE_CODES.filter((code) => SAFE_CODES.has(code));
  const unsafe = STALE_CODES.filter((code) => !SAFE_CODES.has(code));
  const lines = [...safe, ...unsafe, BEING_DIAGNOSED].flatMap((why) => {
    const tally = tallies.get(why);
    return tally ? [lineOf(why, safeWord(why, notSafe.has(why)), tally)] : [];
  });
  return all.executions === 0 ? [] : [...lines, lineOf(ALL_CAUSES, '', all)];
}

const BEING_DIAGNOSED = 'being diagnosed';
/** What the last line counts. */
const ALL_CAUSES = 'all';

function safeWord(why: string, isNotNow: boolean): CauseRow['safe'] {
  if (why === BEING_DIAGNOSED) return '';
  if (isNotNow) return 'no';
  return (SAFE_CODES as ReadonlySet<string>).has(why) ? 'yes' : 'no';
}

const lineOf = (why: string, safe: CauseRow['safe'], { executions, longestMs, paths }: Tally): CauseRow => ({
  why,
  safe,
  executions,
  playbooks: paths.size,
  longest: formatDuration(longestMs),
});

declare module '../shell/screen.js' {
  interface ScreenArguments {
    causes: [];
  }
}

/** The stale executions by cause; the cursor stays on its cause while the counts change. */
export class CausesModel implements Screen {
  readonly kind = 'causes';
  readonly state: StoreApi<{ readonly why: string | null }> = createStore(() => ({ why: null as string | null }));

  constructor(readonly context: ConsoleContext) {}

  rows(): CauseRow[] {
    const { rows, asOf } = this.context.feed.snapshot();
    return causeRows(rows.values(), asOf, this.context.staleAfterMs());
  }

  /** Index of the row under the cursor: the first where its cause has gone. */
  cursorIn(rows: readonly CauseRow[]): number {
    const { why } = this.state.getState();
    return Math.max(
      0,
      rows.findIndex((row) => row.why === why),
    );
  }

  /** The first row that is shown: at 20 lines not all causes fit at once. */
  offsetIn(rows: readonly CauseRow[]): number {
    const { size, batches } = this.context;
    const height = bodyRows(size.getState(), batches.store.getState().line !== '') - 1;
    return keepInView(0, this.cursorIn(rows), height, rows.length);
  }

  act(action: ActionId): void {
    const move = MOVES[action];
    const rows = this.rows();
    if (move) this.#point(moveCursor(this.cursorIn(rows), move, rows.length, rows.length));
    else if (action === 'open') this.#open(rows[this.cursorIn(rows)]);
    else actCommonly(action, this.context);
  }

  click(_x: number, y: number): void {
    // The table's own heading is the first line of the body.
    if (y > BODY_TOP) this.#point(y - BODY_TOP - 1 + this.offsetIn(this.rows()));
  }

  wheel(by: 1 | -1): void {
    this.act(by === 1 ? 'down' : 'up');
  }

  #point(index: number): void {
    const row = this.rows()[index];
    if (row) this.state.setState({ why: row.why });
  }

  #open(row: CauseRow | undefined): void {
    if (!row) this.context.notices.say('nothing is stale');
    else if (row.why === BEING_DIAGNOSED) this.context.notices.say('their diagnosis is still being read');
    else this.context.showList('stale', row.why === ALL_CAUSES ? '' : `why:${row.why}`);
  }
}
