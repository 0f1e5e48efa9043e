import { padded, truncate } from '../../text/width.js';
import type { TimeZone } from '../kit/format-time.js';
import type { ViewId } from '../shell/views.js';

export type ColumnId =
  | 'status'
  | 'stop'
  | 'id'
  | 'path'
  | 'started'
  | 'run'
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
  /** The clock of the times in it. */
  readonly zone: TimeZone;
}

interface ColumnRule {
  readonly title: string;
  /** Says more, where the column has the room. */
  readonly longTitle?: string;
  readonly width: number;
  /** Still readable at this width. */
  readonly short?: number;
  /** Up to so wide when there is room to give away. */
  readonly most?: number;
  readonly align?: 'right';
}

/** Wide enough for the title with the mark of the sorted column behind it. */
const RULES: Readonly<Record<ColumnId, ColumnRule>> = {
  status: { title: 'STATUS', width: 12, short: 7 },
  stop: { title: 'STOPPED?', width: 16 },
  id: { title: 'EXECUTION', width: 19 },
  path: { title: 'PLAYBOOK', width: 16, most: 64 },
  started: { title: 'STARTED UTC', width: 12 },
  run: { title: 'RUN', longTitle: 'RUN TIME', width: 7, most: 9, align: 'right' },
  step: { title: 'STEP', width: 13, most: 24 },
  event: { title: 'LAST EVENT', width: 18 },
  age: { title: 'SILENT', width: 7, align: 'right' },
  children: { title: 'LIVE/ALL', longTitle: 'CHILDREN LIVE/ALL', width: 9, most: 18, align: 'right' },
  worker: { title: 'WORKER', width: 12, most: 24 },
  why: { title: 'WHY', width: 19, short: 15 },
  evidence: { title: 'WHY', width: 24, most: 160 },
  cancelled: { title: 'AGO', width: 7, align: 'right' },
  by: { title: 'BY', width: 16, most: 28 },
  reason: { title: 'REASON', width: 16, most: 80 },
};

/** In place of `STARTED UTC`, no wider: no other column moves when the clock is changed. */
const LOCAL_START = 'START LOCAL';

/** A table of executions: a view of the list, or the tree, whose playbooks hang on their branches. */
export type TableId = ViewId | 'tree';

const EXECUTION_COLUMNS: readonly ColumnId[] = [
  'status',
  'id',
  'path',
  'started',
  'run',
  'step',
  'event',
  'age',
  'children',
  'worker',
  'why',
];
/** Left to right. What runs away is not silent, so that view has no silence. */
const COLUMNS: Readonly<Record<TableId, readonly ColumnId[]>> = {
  active: EXECUTION_COLUMNS,
  stale: EXECUTION_COLUMNS,
  runaway: ['status', 'id', 'path', 'started', 'run', 'children', 'evidence'],
  cancelled: ['stop', 'id', 'path', 'cancelled', 'by', 'reason'],
  all: EXECUTION_COLUMNS,
  tree: ['status', 'id', 'path', 'started', 'run', 'step', 'age', 'children', 'worker', 'why'],
};

/** One step of making room: a column goes, or is cut to its short form. */
export interface Narrowing {
  readonly id: ColumnId;
  readonly to: 'gone' | 'short';
}

const gone = (id: ColumnId): Narrowing => ({ id, to: 'gone' });
const short = (id: ColumnId): Narrowing => ({ id, to: 'short' });
const FIRST_TO_GO = [gone('event'), gone('worker'), gone('started')];
const NEXT_TO_GO = [gone('children'), gone('step'), gone('run')];

/**
 * What gives way first when the screen is narrow. Id, playbook and silence are never dropped, nor in the Stale view the
 * diagnosis (its question is why, and all its rows have one status), in the Cancelled view whether it stopped, elsewhere
 * the status: 60 columns hold them. Run time stays longer than the start, but in All: there most rows have ended.
 */
export const NARROWING: Readonly<Record<TableId, readonly Narrowing[]>> = {
  active: [...FIRST_TO_GO, ...NEXT_TO_GO, short('why'), gone('why'), short('status')],
  stale: [...FIRST_TO_GO, short('status'), ...NEXT_TO_GO, short('why'), gone('status')],
  runaway: [gone('started'), gone('children'), short('status'), gone('run'), gone('status')],
  cancelled: [gone('by'), gone('reason')],
  all: [
    gone('event'),
    gone('worker'),
    gone('run'),
    short('why'),
    gone('children'),
    gone('step'),
    gone('started'),
    gone('why'),
    short('status'),
  ],
  tree: [...FIRST_TO_GO, gone('step'), gone('children'), gone('run'), short('why'), short('status'), gone('why')],
};
/** The playbook is kept at least this wide before a column that goes early is let in. */
const COMFORTABLE_PATH = 24;
/** And so much more than its least has the evidence of the Runaway view. */
const COMFORTABLE_EVIDENCE = 16;
const GOES_EARLY: ReadonlySet<ColumnId> = new Set(['event', 'worker', 'started', 'children', 'step', 'run', 'by']);
/** Cursor and mark stand before the first column. */
export const GUTTER = 2;

/** The columns of a table that fit into a width, each as wide as it is drawn; one space between them. */
export function columnsFor(table: TableId, width: number, zone: TimeZone = 'utc'): readonly Column[] {
  const widths = new Map(COLUMNS[table].map((id) => [id, RULES[id].width]));
  const needed = () => [...widths.values()].reduce((sum, one) => sum + one + 1, GUTTER - 1);
  for (const { id, to } of NARROWING[table]) {
    const comfort = COMFORTABLE_PATH - RULES.path.width + (widths.has('evidence') ? COMFORTABLE_EVIDENCE : 0);
    const slack = [...widths.keys()].some((one) => GOES_EARLY.has(one)) ? comfort : 0;
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
  // First a readable playbook and reason, then the names that are often cut, then sentences before playbooks.
  give('evidence', 60);
  give('path', 32);
  give('reason', 32);
  // Its long title, or nothing.
  const forChildren = (RULES.children.most ?? 0) - RULES.children.width;
  if (spare >= forChildren) give('children', RULES.children.width + forChildren);
  for (const id of ['step', 'worker', 'run', 'by', 'evidence', 'reason', 'path'] as const)
    give(id, RULES[id].most ?? RULES[id].width);
  // Narrower than the minimum: the playbook gives way, so that nothing wraps.
  if (needed() > width) widths.set('path', Math.max(4, RULES.path.width - (needed() - width)));
  return [...widths].map(([id, cells]) => {
    const { title, longTitle, align = 'left' } = RULES[id];
    const words = longTitle && longTitle.length < cells ? longTitle : title;
    return { id, title: id === 'started' && zone === 'local' ? LOCAL_START : words, width: cells, align, zone };
  });
}

/** Which column a table is sorted by, and whether its largest value is on top. */
export interface SortMark {
  readonly column: ColumnId;
  readonly descending: boolean;
}

/** A piece of the line of column heads. */
export interface HeadPiece {
  readonly text: string;
  readonly isSorted: boolean;
}

/** The line of column heads, with an arrow behind the title of the column that the table is sorted by. */
export function headPieces(columns: readonly Column[], sort: SortMark | null = null): readonly HeadPiece[] {
  return columns.map(({ id, title, width, align }, at) => {
    const isSorted = id === sort?.column;
    const arrow = isSorted ? (sort.descending ? '▼' : '▲') : '';
    const cell = padded(`${truncate(title, width - arrow.length)}${arrow}`, width, { align });
    return { text: `${at === 0 ? ' '.repeat(GUTTER) : ' '}${cell}`, isSorted };
  });
}
