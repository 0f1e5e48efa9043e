import { padded } from '../../text/width.js';
import type { ViewId } from '../shell/views.js';

export type ColumnId =
  | 'status'
  | 'stop'
  | 'id'
  | 'path'
  | 'started'
  | 'step'
  | 'event'
  | 'age'
  | 'children'
  | 'worker'
  | 'why'
  | 'evidence'
  | 'cancelled'
  | 'by'
  | 'reason';

export interface Column {
  readonly id: ColumnId;
  readonly title: string;
  readonly width: number;
  readonly align: 'left' | 'right';
}

interface ColumnRule {
  readonly title: string;
  readonly width: number;
  /** Still readable at this width. */
  readonly short?: number;
  /** Up to so wide when there is room to give away. */
  readonly most?: number;
  readonly align?: 'right';
}

const RULES: Readonly<Record<ColumnId, ColumnRule>> = {
  status: { title: 'STATUS', width: 12, short: 7 },
  stop: { title: 'STOPPED?', width: 16 },
  id: { title: 'EXECUTION', width: 19 },
  path: { title: 'PLAYBOOK', width: 16, most: 64 },
  started: { title: 'STARTED UTC', width: 11 },
  step: { title: 'STEP', width: 14, most: 24 },
  event: { title: 'LAST EVENT', width: 18 },
  age: { title: 'SILENT', width: 7, align: 'right' },
  children: { title: 'CHILDREN', width: 8, align: 'right' },
  worker: { title: 'WORKER', width: 12, most: 24 },
  why: { title: 'WHY', width: 19, short: 15 },
  evidence: { title: 'WHY', width: 24, most: 160 },
  cancelled: { title: 'AGO', width: 7, align: 'right' },
  by: { title: 'BY', width: 16, most: 28 },
  reason: { title: 'REASON', width: 16, most: 80 },
};

/** Left to right. */
const EXECUTION_COLUMNS: readonly ColumnId[] = [
  'status',
  'id',
  'path',
  'started',
  'step',
  'event',
  'age',
  'children',
  'worker',
  'why',
];
const RUNAWAY_COLUMNS: readonly ColumnId[] = ['status', 'id', 'path', 'started', 'children', 'evidence'];
const CANCELLED_COLUMNS: readonly ColumnId[] = ['stop', 'id', 'path', 'cancelled', 'by', 'reason'];

/** One step of making room: a column goes, or is cut to its short form. */
export interface Narrowing {
  readonly id: ColumnId;
  readonly to: 'gone' | 'short';
}

const gone = (id: ColumnId): Narrowing => ({ id, to: 'gone' });
const short = (id: ColumnId): Narrowing => ({ id, to: 'short' });
const FIRST_TO_GO = (['worker', 'started', 'step', 'event', 'children'] as const).map(gone);

/**
 * What gives way first when the screen is narrow, by view. Id and playbook are never dropped, nor in the Stale view the
 * diagnosis (its question is why), in the Cancelled view whether it stopped, elsewhere the status: 60 columns hold them.
 * The Stale view's silence goes last: its rows are sorted by it, and the evidence under the list says it.
 */
export const NARROWING: Readonly<Record<ViewId, readonly Narrowing[]>> = {
  active: [...FIRST_TO_GO, short('why'), gone('why')],
  stale: [...FIRST_TO_GO, short('why'), short('status'), gone('age')],
  runaway: [gone('started'), gone('children'), short('status'), gone('status')],
  cancelled: [gone('by'), gone('reason')],
  all: [...FIRST_TO_GO, short('why'), gone('why')],
};
/** The playbook is kept at least this wide before a column that goes early is let in. */
const COMFORTABLE_PATH = 24;
const GOES_EARLY: ReadonlySet<ColumnId> = new Set([...FIRST_TO_GO.map(({ id }) => id), 'by']);
/** Cursor and mark stand before the first column. */
export const GUTTER = 2;

/** The columns of a view that fit into a width, each as wide as it is drawn; one space between them. */
export function columnsFor(view: ViewId, width: number): readonly Column[] {
  const order = view === 'cancelled' ? CANCELLED_COLUMNS : view === 'runaway' ? RUNAWAY_COLUMNS : EXECUTION_COLUMNS;
  const widths = new Map(order.map((id) => [id, RULES[id].width]));
  const needed = () => [...widths.values()].reduce((sum, one) => sum + one + 1, GUTTER - 1);
  for (const { id, to } of NARROWING[view]) {
    const slack = [...widths.keys()].some((one) => GOES_EARLY.has(one)) ? COMFORTABLE_PATH - RULES.path.width : 0;
    if (needed() + slack <= width) break;
    if (to === 'gone') widths.delete(id);
    else widths.set(id, RULES[id].short ?? RULES[id].width);
  }
  let spare = Math.max(0, width - needed());
  const give = (id: ColumnId, most: number) => {
    const has = widths.get(id);
    if (has === undefined) return;
    const more = Math.max(0, Math.min(spare, most - has));
    widths.set(id, has + more);
    spare -= more;
  };
  // First a readable playbook and reason, then the names that are often cut, then the rest to whoever can use it.
  give('evidence', 60);
  give('path', 32);
  give('reason', 32);
  for (const id of ['step', 'worker', 'by', 'path', 'evidence', 'reason'] as const)
    give(id, RULES[id].most ?? RULES[id].width);
  // Narrower than the minimum: the playbook gives way, so that nothing wraps.
  if (needed() > width) widths.set('path', Math.max(4, RULES.path.width - (needed() - width)));
  return [...widths].map(([id, cells]) => ({
    id,
    title: RULES[id].title,
    width: cells,
    align: RULES[id].align ?? 'left',
  }));
}

/** The line of column heads. */
export const headLine = (columns: readonly Column[]): string =>
  ' '.repeat(GUTTER) + columns.map((column) => padded(column.title, column.width, { align: column.align })).join(' ');
