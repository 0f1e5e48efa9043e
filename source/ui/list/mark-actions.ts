import { displayStatus } from '../../domain/execution.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import { markRefusal } from '../chrome/condition-line.js';
import type { ListRow, Rows } from '../rows/list-row.js';
import type { ConsoleContext } from '../shell/console-context.js';
import type { ListModel } from './list-model.js';
import { type ListState, MARKS } from './list-state.js';
import { isWanted, type OrderQuery } from './row-order.js';

/** Executions of the list that have not ended, still belong to the view, and pass a test; in the list's order. */
function cancellableIds(
  state: ListState,
  rows: Rows,
  query: OrderQuery,
  wanted: (row: ListRow) => boolean,
): ExecutionId[] {
  return state.order.ids.filter((id) => {
    const row = rows.get(id);
    return row !== undefined && row.execution.status === 'RUNNING' && isWanted(row, query) && wanted(row);
  });
}

/** A filter text with `why:CODE` put in, or taken out where there is one; null when there is no code to put in. */
export function toggledWhy(filterText: string, code: string | undefined): string | null {
  const words = filterText.split(/\s+/).filter((word) => word !== '');
  const rest = words.filter((word) => !word.startsWith('why:'));
  if (rest.length < words.length) return rest.join(' ');
  return code === undefined ? null : [...rest, `why:${code}`].join(' ');
}

/** What a key of the list does beyond moving. */
export type ListAct = (list: ListModel, context: ConsoleContext) => void;

const marking =
  (words: string, wanted: (row: ListRow) => boolean): ListAct =>
  (list, context) => {
    const ids = cancellableIds(list.state.getState(), list.source.store.getState().rows, list.query(), wanted);
    list.dispatch({ type: 'mark', ids, kind: 'bulk' });
    context.notices.say(ids.length === 0 ? `no ${words} in this view` : `marked ${ids.length} ${words}`, 'info', MARKS);
  };

/** What emitted an event within the threshold is left out, and so is what runs on: a cascade from above passes it by. */
const markAll: ListAct = (list, context) => {
  const { now, staleAfterMs } = list.source.listClock;
  const isHealthy = (row: ListRow) =>
    row.runaway === undefined && displayStatus(row.execution, now, staleAfterMs) === 'RUNNING';
  const ids = (wanted: (row: ListRow) => boolean) =>
    cancellableIds(list.state.getState(), list.source.store.getState().rows, list.query(), wanted);
  const healthy = ids(isHealthy);
  marking('executions that have not ended', (row) => !isHealthy(row))(list, context);
  if (healthy.length === 0) return;
  list.dispatch({ type: 'spare', ids: healthy });
  context.notices.say(
    `marked ${list.state.getState().marks.size}; ${healthy.length} healthy left out, also of the cascade; Space marks one`,
    'info',
    MARKS,
  );
};

/** Marks nothing while a condition of the engine holds, whatever the rows said before it was noticed. */
const markSafe: ListAct = (list, context) => {
  const refusal = markRefusal(context.engine.store.getState().conditions);
  if (refusal !== null) context.notices.say(refusal, 'warn');
  else marking('stale executions that are safe to cancel', (row) => row.diagnosis?.safe === true)(list, context);
};

const markGroup: ListAct = (list, context) => {
  const diagnosis = list.current()?.diagnosis;
  if (!diagnosis) {
    context.notices.say('no diagnosis under the cursor to group by', 'warn');
    return;
  }
  const { cohort } = diagnosis.evidence;
  const words = cohort === null ? diagnosis.code : `of one import (${cohort})`;
  marking(words, (row) => row.diagnosis?.code === diagnosis.code && row.diagnosis.evidence.cohort === cohort)(
    list,
    context,
  );
};

/** All marks go; the same key again brings them back, until others are made. */
const unmark: ListAct = (list, context) => {
  const { marks, cleared } = list.state.getState();
  if (marks.size > 0) {
    list.dispatch({ type: 'unmark' });
    const key = context.keyOf('unmark');
    context.notices.say(
      `${marks.size} unmarked: ${key} marks ${marks.size === 1 ? 'it' : 'them'} again`,
      'info',
      MARKS,
    );
  } else if (cleared.size > 0) {
    list.dispatch({ type: 'restore' });
    context.notices.say(`${cleared.size} marked again`, 'info', MARKS);
  } else context.notices.say('nothing is marked');
};

export const MARK_ACTIONS = {
  'mark-safe': markSafe,
  'mark-all': markAll,
  'mark-group': markGroup,
  unmark,
} as const;
