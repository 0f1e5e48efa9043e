import type { ExecutionId } from '../../domain/execution-id.js';
import { DEFAULT_STALE_AFTER_MS } from '../../domain/execution-status.js';
import { formatDuration } from '../../text/duration.js';
import { copyIds, frozenTarget, type ListClock, type ListRow } from '../rows/list-row.js';
import { actCommonly } from '../shell/common-actions.js';
import type { ConsoleContext, FrozenTarget, MarkKind } from '../shell/console-context.js';
import type { ActionId } from '../shell/keymap-types.js';
import { errorText } from '../shell/notices.js';
import { VIEWS, type ViewId } from '../shell/views.js';
import type { ListModel } from './list-model.js';
import type { ListAction } from './list-reducer.js';
import { hiddenMarks, type ListState, sortOf, underCursor } from './list-state.js';
import { type ListAct, MARK_ACTIONS, toggledWhy } from './mark-actions.js';
import { SORT_WORDS, type SortKey, sortKeysOf } from './row-order.js';

const NOTHING = 'nothing under the cursor';
/** What a notice speaks of: it goes when the next refresh begins. */
const REFRESH = 'refresh';

function show(list: ListModel, context: ConsoleContext, view: ViewId): void {
  context.notices.clear();
  list.dispatch({ type: 'view', view });
}

const neighbour =
  (by: number): ListAct =>
  (list, context) => {
    const at = VIEWS.indexOf(list.state.getState().view);
    show(list, context, VIEWS[(at + by + VIEWS.length) % VIEWS.length] ?? 'active');
  };

const view =
  (id: ViewId): ListAct =>
  (list, context) =>
    show(list, context, id);

const onlyWhy: ListAct = (list, context) => {
  const text = toggledWhy(list.state.getState().filterText, whyCode(list.current()));
  if (text === null) context.notices.say('no diagnosis under the cursor to filter by', 'warn');
  else list.dispatch({ type: 'filter', text });
};

/** The code in the why column: of a stale row its diagnosis, of a running one how it runs away. */
const whyCode = (row: ListRow | undefined): string | undefined => row?.diagnosis?.code ?? row?.runaway?.code;

const sorting =
  (action: ListAction): ListAct =>
  (list, context) => {
    list.dispatch(action);
    const { key, reversed } = sortOf(list.state.getState());
    context.notices.say(`sorted: ${SORT_WORDS[key][reversed ? 'reversed' : 'normal']}`);
  };

/** Sorts by one column, and by the same again the other way round. */
const sortBy =
  (key: SortKey): ListAct =>
  (list, context) => {
    const { view } = list.state.getState();
    // The start of what was cancelled is not shown; its age is the cancel's.
    const wanted = view === 'cancelled' && key === 'started' ? 'cancelled' : key;
    if (sortKeysOf(view).includes(wanted)) sorting({ type: 'sort-by', key: wanted })(list, context);
    else context.notices.say(`this view is not sorted by ${key}`, 'warn');
  };

/** Silences to choose from with + and -, in milliseconds. */
const THRESHOLDS_MS = [1, 2, 5, 10, 15, 30, 60, 120, 360, 1440].map((minutes) => minutes * 60_000);

/** The next longer or shorter silence; null at the end of the list. */
function nextThreshold(ms: number, longer: boolean): number | null {
  const next = longer ? THRESHOLDS_MS.find((step) => step > ms) : THRESHOLDS_MS.findLast((step) => step < ms);
  return next ?? null;
}

const threshold =
  (longer: boolean): ListAct =>
  (list, context) => {
    const ms = nextThreshold(list.state.getState().staleAfterMs, longer);
    if (ms === null) return;
    list.dispatch({ type: 'stale-after', ms });
    context.feed.setStaleAfter(ms);
    const risky = ms < DEFAULT_STALE_AFTER_MS;
    const warning = risky ? '; below 10m, healthy executions may count as stale while they finish' : '';
    context.notices.say(`stale after ${formatDuration(ms)} of silence${warning}`, risky ? 'warn' : 'info');
  };

const copy: ListAct = (list, context) => {
  const state = list.state.getState();
  const id = underCursor(state);
  const ids = state.marks.size > 0 ? [...state.marks.keys()] : id === null ? [] : [id];
  if (ids.length === 0) {
    context.notices.say(NOTHING, 'warn');
    return;
  }
  copyIds(context, ids);
};

/** What means the same on every screen. */
const common =
  (action: ActionId): ListAct =>
  (_list, context) =>
    actCommonly(action, context);

const refresh: ListAct = (list, context) => {
  list.dispatch({ type: 'reorder' });
  context.notices.withdraw(REFRESH);
  list.source.refresh().then(
    () => list.dispatch({ type: 'reorder' }),
    (error: unknown) => context.notices.say(`refresh failed: ${errorText(error)}`, 'bad', REFRESH),
  );
};

const back: ListAct = (list, context) => {
  const state = list.state.getState();
  if (state.rangeFrom !== null) list.dispatch({ type: 'range-cancel' });
  else if (state.filterText !== '') list.dispatch({ type: 'filter', text: '' });
  else if (state.marks.size > 0) MARK_ACTIONS.unmark(list, context);
  else context.back();
};

/** What a cancel from the list takes: the marks, or the execution under the cursor where there are none. */
function frozenSelection(
  state: ListState,
  known: (id: ExecutionId) => ListRow | undefined,
  clock: ListClock,
): FrozenTarget[] {
  const hidden = new Set(hiddenMarks(state));
  const cursor = underCursor(state);
  const single: [ExecutionId, MarkKind][] = cursor === null ? [] : [[cursor, 'explicit']];
  return (state.marks.size > 0 ? [...state.marks] : single).map(([id, chosen]) =>
    frozenTarget(id, known(id), clock, { chosen, hidden: hidden.has(id) }),
  );
}

/** Opens the dialog on the marks, or on the execution under the cursor; a range that is open is taken first. */
const cancel: ListAct = (list, context) => {
  if (list.state.getState().rangeFrom !== null) list.dispatch({ type: 'range' });
  const targets = frozenSelection(list.state.getState(), (id) => list.known(id), list.source.listClock);
  if (targets.length === 0) context.notices.say(NOTHING, 'warn');
  else {
    const { marks, spared } = list.state.getState();
    const clearMarks = () => list.dispatch({ type: 'marks-used' });
    context.open('cancel', targets, { clearMarks, spared: marks.size > 0 ? [...spared] : [] });
  }
};

const onCurrent =
  (act: (row: ListRow, context: ConsoleContext) => void): ListAct =>
  (list, context) => {
    const row = list.current();
    if (row) act(row, context);
    else context.notices.say(NOTHING, 'warn');
  };

export const LIST_ACTIONS: Readonly<Partial<Record<ActionId, ListAct>>> = {
  left: neighbour(-1),
  right: neighbour(1),
  'view-active': view('active'),
  'view-stale': view('stale'),
  'view-runaway': view('runaway'),
  'view-cancelled': view('cancelled'),
  'view-all': view('all'),
  describe: onCurrent((row, context) => context.open('describe', row.execution.executionId)),
  open: onCurrent((row, context) => context.open('tree', row.execution.executionId)),
  timeline: onCurrent((row, context) => context.open('timeline', row.execution.executionId, row.execution.path)),
  cancel,
  ...MARK_ACTIONS,
  'only-why': onlyWhy,
  sort: sorting({ type: 'next-sort' }),
  reverse: sorting({ type: 'reverse-sort' }),
  'sort-started': sortBy('started'),
  'sort-run': sortBy('run'),
  'sort-silent': sortBy('silent'),
  'sort-path': sortBy('path'),
  'sort-status': sortBy('status'),
  'sort-children': sortBy('children'),
  'sort-why': sortBy('why'),
  'threshold-up': threshold(true),
  'threshold-down': threshold(false),
  copy,
  pause: common('pause'),
  'time-zone': common('time-zone'),
  refresh,
  back,
};
