import { compareIds } from '../../domain/execution-id.js';
import type { Transaction } from '../connection/pools.js';
import type { Tables } from '../connection/tables.js';
import type { TreeEdge } from '../event-store.js';
import { opaque, type Sql } from '../sql.js';
import { InlineChildren, type InlineWindows, type Stretch } from './inline-children.js';

/** Parents in one statement, until one takes too long. */
const PARENTS_A_STATEMENT = 5_000;
/** From this level on a narrow frontier is followed many levels at a time; hardly any tree is so deep. */
const DEEP = 6;
const NARROW = 64;
const LEVELS_A_STATEMENT = 500;
const NARROW_LINKS = 10_000;
/** Rows of one parent in one fetch, where all of them are too many for a statement. */
const ROWS_A_FETCH = 20_000;
const SMALLEST_FETCH = 100;
const NO_WINDOWS: InlineWindows = { ids: [], windows: [] };

/**
 * A breadth-first search of all links below some executions. Its state outlives the transaction that it runs in: where a
 * statement reaches its time limit, `takeSmallerPieces` and `advance` again go on with what is not yet read.
 */
export class TreeSearch {
  readonly #links: TreeEdge[] = [];
  readonly #seen: Set<string>;
  readonly #inline: InlineChildren;
  #level = 0;
  /** Executions of this level whose children are not read yet, and those of the next level. */
  #left: string[];
  #next: string[] = [];
  /** Inline children of what was read last: they are read with the next piece, so that no round trip is theirs alone. */
  #windows: InlineWindows = NO_WINDOWS;
  /** The direct children of what was read last. */
  #direct: readonly TreeEdge[] = [];
  #piece = PARENTS_A_STATEMENT;
  #fetch = ROWS_A_FETCH;
  #narrow = true;

  constructor(
    readonly tables: Tables,
    ids: readonly string[],
    readonly limit: number,
    elsewhere: readonly Stretch[] = [],
  ) {
    this.#seen = new Set(ids);
    this.#left = [...this.#seen].sort(compareIds);
    this.#inline = new InlineChildren(tables, elsewhere);
  }

  get isOver(): boolean {
    if (this.#links.length > this.limit) return true;
    return this.#left.length === 0 && this.#next.length === 0 && this.#windows.windows.length === 0;
  }

  result(): { links: TreeEdge[]; truncated: boolean } {
    const truncated = this.#links.length > this.limit;
    return { links: truncated ? this.#links.slice(0, this.limit) : this.#links, truncated };
  }

  /** Reads on until the search is over or a statement fails; what was read before stays. */
  async advance(transaction: Transaction): Promise<void> {
    while (!this.isOver) {
      if (this.#left.length === 0 && this.#next.length === 0) {
        // A list's end: nothing but inline children can still come.
        const inline = await this.#inline.within(transaction, this.#windows);
        this.#windows = NO_WINDOWS;
        this.#take([], { links: inline, beside: this.#direct }, this.#next);
        continue;
      }
      if (this.#left.length === 0) {
        this.#left = this.#next.sort(compareIds);
        this.#next = [];
        this.#level += 1;
      }
      if (this.#narrow && this.#level >= DEEP && this.#left.length <= NARROW) await this.#readDeep(transaction);
      else await this.#readPiece(transaction);
    }
  }

  /** After a statement that took too long; false where the pieces cannot become smaller. */
  takeSmallerPieces(): boolean {
    if (this.#piece > 1) {
      this.#piece = Math.ceil(Math.min(this.#piece, this.#left.length) / 4);
      this.#narrow = false;
      return true;
    }
    const pages = this.#inline.takeSmallerPages();
    const fetches = this.#fetch > SMALLEST_FETCH;
    this.#fetch = Math.max(SMALLEST_FETCH, Math.floor(this.#fetch / 4));
    return pages || fetches;
  }

  async #readPiece(transaction: Transaction): Promise<void> {
    const piece = this.#left.slice(0, this.#piece);
    const [first] = piece as [string];
    const room = this.limit + 1 - this.#links.length;
    const alone = piece.length === 1 && this.#piece === 1;
    // A cursor's statements depend on one another; everything else leaves at once.
    const [direct, windows, inline] = alone
      ? [
          await this.#readChildren(transaction, first, room),
          await this.#inline.windowsOf(transaction, piece),
          await this.#inline.within(transaction, this.#windows),
        ]
      : await Promise.all([
          transaction.query(childrenOf(this.tables, piece, room)),
          this.#inline.windowsOf(transaction, piece),
          this.#inline.within(transaction, this.#windows),
        ]);
    this.#take(direct, { links: inline, beside: this.#direct }, this.#next);
    this.#windows = windows;
    this.#direct = direct;
    this.#left = this.#left.slice(piece.length);
    this.#piece = Math.min(PARENTS_A_STATEMENT, this.#piece * 2);
  }

  async #readDeep(transaction: Transaction): Promise<void> {
    const links = await transaction.query(linksBelowNarrow(this.tables, this.#left, LEVELS_A_STATEMENT, NARROW_LINKS));
    if (links.length === NARROW_LINKS) {
      // It widened: which of its nodes have all their children here cannot be seen in a result that was cut.
      this.#narrow = false;
      return;
    }
    const deepest: string[] = [];
    const read = new Set(this.#left);
    for (const { child, depth } of links) if (depth < LEVELS_A_STATEMENT) read.add(child);
    const earlier = await this.#inline.within(transaction, this.#windows);
    const inline = await this.#inline.of(transaction, [...read]);
    const fresh = unique(links.filter(({ parent }) => !this.#seen.has(parent) || this.#left.includes(parent)));
    this.#take([], { links: earlier, beside: this.#direct }, deepest);
    this.#take(fresh, { links: inline, beside: fresh }, deepest);
    this.#windows = NO_WINDOWS;
    this.#next = [...new Set(deepest)].filter((id) => !read.has(id));
    this.#left = [];
  }

  /** The children of one parent that has too many rows for one statement. */
  async #readChildren(transaction: Transaction, parent: string, room: number): Promise<TreeEdge[]> {
    const children = new Set<string>();
    await transaction.query(openChildren(this.tables, parent));
    for (;;) {
      const rows = await transaction.query(fetchChildren(this.#fetch));
      for (const { child } of rows) children.add(child);
      if (rows.length < this.#fetch || children.size >= room) break;
    }
    await transaction.query(closeChildren());
    return Array.from(children, (child) => ({ parent, child }));
  }

  /** @param inline with the direct links of the same parents: some rows of a child may name its parent both ways */
  #take(
    direct: readonly TreeEdge[],
    inline: { readonly links: readonly TreeEdge[]; readonly beside: readonly TreeEdge[] },
    next: string[],
  ): void {
    const inlineParents = new Set(inline.links.map(({ parent }) => parent));
    const both = new Set(inline.beside.filter(({ parent }) => inlineParents.has(parent)).map(keyOf));
    const found = [...direct, ...inline.links.filter((link) => !both.has(keyOf(link)))];
    // In the order of the ids, so that what is made of them (a plan, its transactions) touches few partitions at a time.
    found.sort((a, b) => compareIds(a.child, b.child));
    for (const { parent, child } of found) {
      this.#links.push({ parent, child });
      if (this.#seen.has(child)) continue;
      this.#seen.add(child);
      next.push(child);
    }
  }
}

const keyOf = (link: TreeEdge): string => `${link.parent}>${link.child}`;

/** A link that a cycle leads to again comes once for each depth. */
function unique(links: readonly TreeEdge[]): TreeEdge[] {
  return [...new Map(links.map((link) => [keyOf(link), link])).values()];
}

/**
 * The direct children of some executions: one pass through (parent_execution_id) for all of them, at most `limit`
 * links. Beside PLAN_BY_INDEX its plan is the same with any statistics and with none, and the limit has no part in it: for
 * a small one the planner would go through the index in order and look for each parent in the list.
 */
export function childrenOf(tables: Tables, ids: readonly string[], limit: number): Sql<TreeEdge> {
  return {
    name: 'children-of',
    text: `WITH k AS MATERIALIZED (
    SELECT DISTINCT e.parent_execution_id AS parent, e.execution_id AS child FROM ${tables.event} e
    WHERE e.parent_execution_id = ${opaque('$1')}
  ) SELECT k.parent::text, k.child::text FROM k LIMIT $2`,
    values: [ids, limit],
    keepPlan: true,
  };
}

/**
 * The links of the next `depth` levels, for narrow frontiers of deep trees: a statement a level would be planned anew
 * for each (5 ms over 17 partitions). Each node is a probe of its own, which a wide level cannot afford.
 */
export function linksBelowNarrow(
  tables: Tables,
  ids: readonly string[],
  depth: number,
  limit: number,
): Sql<TreeEdge & { depth: number }> {
  return {
    name: 'links-below-narrow',
    text: `WITH RECURSIVE below (parent, child, depth) AS (
    SELECT NULL::bigint, i.id, 0 FROM unnest($1::bigint[]) AS i (id)
    UNION
    SELECT b.child, k.execution_id, b.depth + 1 FROM below b
    CROSS JOIN LATERAL (SELECT DISTINCT e.execution_id FROM ${tables.event} e
                        WHERE e.parent_execution_id = b.child OFFSET 0) k
    WHERE b.depth < $2::int
  )
  SELECT parent::text, child::text, depth FROM below WHERE parent IS NOT NULL LIMIT $3`,
    values: [ids, depth, limit],
  };
}

const CHILDREN_CURSOR = 'noetl_console_children';

/**
 * A cursor over the rows that name one parent, for a parent with more of them than one statement may read. A child
 * comes as often as its rows name the parent.
 */
export const openChildren = (tables: Tables, id: string): Sql => ({
  name: 'open-children',
  text: `DECLARE ${CHILDREN_CURSOR} NO SCROLL CURSOR FOR
  SELECT e.execution_id::text AS child FROM ${tables.event} e WHERE e.parent_execution_id = $1::bigint`,
  values: [id],
});
export const fetchChildren = (rows: number): Sql<{ child: string }> => ({
  name: 'fetch-children',
  text: `FETCH ${Math.trunc(rows)} FROM ${CHILDREN_CURSOR}`,
  values: [],
});
export const closeChildren = (): Sql => ({ name: 'close-children', text: `CLOSE ${CHILDREN_CURSOR}`, values: [] });
