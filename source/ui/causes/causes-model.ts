import { createStore, type StoreApi } from 'zustand/vanilla';
import { keepInView, MOVES, moveCursor } from '../kit/scroll.js';
import { BODY_TOP, bodyRows } from '../shell/body-rows.js';
import { actCommonly } from '../shell/common-actions.js';
import type { ConsoleContext } from '../shell/console-context.js';
import type { ActionId } from '../shell/keymap-types.js';
import type { Screen } from '../shell/screen.js';
import { ALL_CAUSES, BEING_DIAGNOSED, type CauseRow, causeRows } from './cause-rows.js';

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
