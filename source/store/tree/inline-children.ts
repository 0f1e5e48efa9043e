import { PYTHON_START_TYPE } from '../../domain/event-types.js';
import { consoleSnowflake, snowflakeTime } from '../../domain/snowflake.js';
import { chunked } from '../connection/context.js';
import type { Transaction } from '../connection/pools.js';
import type { Tables } from '../connection/tables.js';
import type { TreeEdge } from '../event-store.js';
import { idBounds, type Sql, withinBounds } from '../sql.js';

/** How long after its parent's newest event an inline child may still begin. */
const INLINE_MARGIN_MS = 3_600_000;
const LARGEST_ID = 9_223_372_036_854_775_807n;
const STARTS_A_PAGE = 20_000;
const SMALLEST_PAGE = 100;
const PARENTS_A_STATEMENT = 5_000;

/** A stretch of event ids. */
export interface Stretch {
  readonly from: bigint;
  readonly to: bigint;
}

/** Executions, and the stretches of event ids in which inline children of theirs have begun. */
export interface InlineWindows {
  readonly ids: readonly string[];
  readonly windows: readonly Stretch[];
}

/**
 * Inline Python children: no index leads to them, so the starts of the time in which they can have begun are read. Every
 * stretch of that time is read once for a whole search, whatever the number of parents in it.
 */
export class InlineChildren {
  readonly #children = new Map<string, Set<string>>();
  #read: Stretch[] = [];
  #page = STARTS_A_PAGE;

  /** @param elsewhere stretches of parents whose own rows are in another database */
  constructor(
    readonly tables: Tables,
    private readonly elsewhere: readonly Stretch[] = [],
  ) {}

  /** The inline children of these; ids in ascending order make the cheapest statements. */
  async of(transaction: Transaction, ids: readonly string[]): Promise<TreeEdge[]> {
    return this.within(transaction, await this.windowsOf(transaction, ids));
  }

  /** The first half of `of`: when inline children of these can have begun. */
  async windowsOf(transaction: Transaction, ids: readonly string[]): Promise<InlineWindows> {
    return { ids, windows: [...this.elsewhere, ...(await inlineStretches(transaction, this.tables, ids))] };
  }

  /** The second half: those that began then. */
  async within(transaction: Transaction, { ids, windows }: InlineWindows): Promise<TreeEdge[]> {
    for (const stretch of without(merged(windows), this.#read)) {
      await this.#readStretch(transaction, stretch);
      this.#read = merged([...this.#read, stretch]);
    }
    return ids.flatMap((parent) => Array.from(this.#children.get(parent) ?? [], (child) => ({ parent, child })));
  }

  /** After a statement that took too long; false where pages cannot become smaller. */
  takeSmallerPages(): boolean {
    const can = this.#page > SMALLEST_PAGE;
    this.#page = Math.max(SMALLEST_PAGE, Math.floor(this.#page / 4));
    return can;
  }

  async #readStretch(transaction: Transaction, { from, to }: Stretch): Promise<void> {
    for (let after = from - 1n; ; ) {
      const sql = inlineLinks(this.tables, after.toString(), to.toString(), this.#page);
      const rows = await transaction.query(sql);
      for (const { parent, child } of rows) if (parent !== null) this.#add(parent, child);
      const { read_to: readTo, starts } = rows[0] ?? { read_to: null, starts: 0 };
      if (starts < this.#page || readTo === null) return;
      after = BigInt(readTo);
    }
  }

  #add(parent: string, child: string): void {
    const children = this.#children.get(parent);
    if (children) children.add(child);
    else this.#children.set(parent, new Set([child]));
  }
}

/** The stretches of event ids in which inline children of these may have begun; only executions of Python have any. */
export async function inlineStretches(
  transaction: Transaction,
  tables: Tables,
  ids: readonly string[],
): Promise<Stretch[]> {
  const stretches: Stretch[] = [];
  for (const chunk of chunked(ids, PARENTS_A_STATEMENT)) {
    const rows = await transaction.query(inlineWindow(tables, chunk));
    for (const { first, last } of rows) stretches.push({ from: BigInt(first), to: latestStart(BigInt(last)) });
  }
  return merged(stretches);
}

function latestStart(newest: bigint): bigint {
  const last = consoleSnowflake(snowflakeTime(newest, 'database') + INLINE_MARGIN_MS, 'database');
  return last > LARGEST_ID ? LARGEST_ID : last;
}

/** Stretches without overlaps, in order. */
function merged(stretches: readonly Stretch[]): Stretch[] {
  const result: { from: bigint; to: bigint }[] = [];
  for (const { from, to } of [...stretches].sort((a, b) => (a.from < b.from ? -1 : 1))) {
    const last = result.at(-1);
    if (!last || from > last.to) result.push({ from, to });
    else if (to > last.to) last.to = to;
  }
  return result;
}

/** The parts of merged stretches that other merged ones do not cover. */
function without(stretches: readonly Stretch[], covered: readonly Stretch[]): Stretch[] {
  return stretches.flatMap(({ from, to }) => {
    const left: Stretch[] = [];
    let start = from;
    for (const each of covered) {
      if (each.to < start || each.from > to) continue;
      if (each.from > start) left.push({ from: start, to: each.from - 1n });
      if (each.to >= start) start = each.to + 1n;
    }
    if (start <= to) left.push({ from: start, to });
    return left;
  });
}

interface InlineWindowRow {
  execution_id: string;
  first: string;
  last: string;
}

/**
 * The stretch of event ids in which inline children of each of these may have begun. Only Python has them, so an
 * execution of Rust costs one probe of (execution_id, event_type, event_id) and yields nothing. A probe each, not `= ANY`:
 * after ANALYZE of a wide tree the planner goes through all starts there are and looks for each in the list. The type is out
 * of its sight, or it would look for each execution among all starts, in the order of their partial index.
 */
export function inlineWindow(tables: Tables, ids: readonly string[]): Sql<InlineWindowRow> {
  const within = (alias: string) => withinBounds(`${alias}.execution_id`, '$2', '$3');
  return {
    name: 'inline-window',
    text: `SELECT i.id::text AS execution_id, s.event_id::text AS first, l.event_id::text AS last
  FROM unnest($1::bigint[]) AS i (id)
  CROSS JOIN LATERAL (SELECT e.event_id FROM ${tables.event} e
    WHERE e.execution_id = i.id ${within('e')} AND e.event_type = (SELECT '${PYTHON_START_TYPE}'::text) ORDER BY e.event_id LIMIT 1) s
  CROSS JOIN LATERAL (SELECT e.event_id FROM ${tables.event} e
    WHERE e.execution_id = i.id ${within('e')} ORDER BY e.event_id DESC LIMIT 1) l`,
    values: [ids, ...idBounds(ids)],
  };
}

export interface InlineLinkRow {
  readonly parent: string | null;
  readonly child: string;
  /** The last event id that this page has read, and how many starts that were. */
  readonly read_to: string;
  readonly starts: number;
}

/**
 * A page of a stretch of event ids: its inline children of any parent. They name the parent in meta only, which no
 * index covers, so the page is so many starts of Python executions, through their partial index. A page always has a
 * row: one without a child where it holds none.
 */
export function inlineLinks(
  tables: Tables,
  afterEventId: string,
  toEventId: string,
  starts: number,
): Sql<InlineLinkRow> {
  return {
    name: 'inline-links',
    text: `WITH page AS MATERIALIZED (
    SELECT s.event_id, s.execution_id, CASE WHEN s.parent_execution_id IS NULL THEN s.meta->>'inlined_in_parent' END AS parent
    FROM ${tables.event} s
    WHERE s.event_type = '${PYTHON_START_TYPE}' AND s.event_id > $1::bigint AND s.event_id <= $2::bigint
    ORDER BY s.event_id LIMIT $3
  ), size AS (SELECT max(event_id) AS read_to, count(*)::int AS starts FROM page)
  SELECT p.parent, p.execution_id::text AS child, z.read_to::text, z.starts
  FROM size z LEFT JOIN page p ON p.parent IS NOT NULL`,
    values: [afterEventId, toEventId, starts],
    keepPlan: true,
  };
}
