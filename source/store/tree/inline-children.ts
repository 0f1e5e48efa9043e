import { consoleSnowflake, snowflakeTime } from '../../domain/snowflake.js';
import { chunked } from '../connection/context.js';
import type { Transaction } from '../connection/pools.js';
import type { Tables } from '../connection/tables.js';
import type { TreeEdge } from '../event-store.js';
import { type InlineLinkRow, inlineLinks, inlineWindow } from './statements.js';

/** How long after its parent's newest event an inline child may still begin. */
const INLINE_MARGIN_MS = 3_600_000;
const LARGEST_ID = 9_223_372_036_854_775_807n;
const STARTS_A_PAGE = 20_000;
const SMALLEST_PAGE = 100;
const PARENTS_A_STATEMENT = 5_000;

interface Stretch {
  readonly from: bigint;
  readonly to: bigint;
}

/**
 * Inline Python children: no index leads to them, so the starts of the time in which they can have begun are read. Every
 * stretch of that time is read once for a whole search, whatever the number of parents in it.
 */
export class InlineChildren {
  readonly #children = new Map<string, Set<string>>();
  #read: Stretch[] = [];
  #page = STARTS_A_PAGE;

  constructor(readonly tables: Tables) {}

  /** The inline children of these; ids in ascending order make the cheapest statements. */
  async of(transaction: Transaction, ids: readonly string[]): Promise<TreeEdge[]> {
    const windows: Stretch[] = [];
    for (const chunk of chunked(ids, PARENTS_A_STATEMENT)) {
      const rows = await transaction.query<{ first: string; last: string }>(inlineWindow(this.tables, chunk));
      for (const { first, last } of rows) windows.push({ from: BigInt(first), to: latestStart(BigInt(last)) });
    }
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
      const rows = await transaction.query<InlineLinkRow & Record<string, unknown>>(sql);
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
