import { type Random, seededRandom } from '../../source/demo/engine/random.js';
import { SNOWFLAKE_EPOCH_MS } from '../../source/domain/snowflake.js';
import { type ShapeBook, shapeBook } from './shape-book.js';
import type { ShapeStack } from './shape-types.js';

/** One execution as the loader writes it. Ids are bigint here and decimal text on the wire. */
export interface PlannedExecution {
  readonly id: bigint;
  readonly parent: bigint | null;
  /** An inline Python child: its parent stands in meta only, and its id has no time in it. */
  readonly inline: boolean;
  readonly catalog: number;
  readonly stack: ShapeStack;
  readonly shape: number;
  readonly startedMs: number;
  /** Only rows up to this position exist; below the shape's length it has not ended. */
  readonly cut: number;
  readonly terminal: boolean;
  readonly lastMs: number;
  /** Loaded later, in one piece with others: the ingest time they share. */
  readonly importedMs: number | null;
}

export interface Plan {
  readonly book: ShapeBook;
  readonly executions: readonly PlannedExecution[];
  readonly events: number;
  /** Roots of trees of exactly five executions, for the tree measurement. */
  readonly treesOfFive: readonly bigint[];
}

export const CATALOG_ROWS = 60;
const DAY_MS = 86_400_000;
/** So that ids of both layouts reach over many partitions. */
const SPAN_MS = 600 * DAY_MS;
const NON_TERMINAL_SHARE = 0.005;
/** Of those that have not ended: still at work, and loaded by a bulk import. */
const RECENT_SHARE = 0.25;
const IMPORTED_SHARE = 0.2;
const INLINE_SHARE = 0.01;
const TREES_OF_FIVE = 40;

/** Executions until their events reach the wanted number; the same seed and clock give the same plan. */
export function planExecutions(events: number, seed: number, nowMs: number): Plan {
  return new Planner(events, seed, nowMs).plan();
}

class Planner {
  readonly #random: Random;
  readonly #book = shapeBook();
  readonly #executions: PlannedExecution[] = [];
  readonly #ids = new Set<bigint>();
  #events = 0;
  #sequence = 0n;

  constructor(
    readonly wanted: number,
    seed: number,
    readonly nowMs: number,
  ) {
    this.#random = seededRandom(seed);
  }

  plan(): Plan {
    const treesOfFive = Array.from({ length: TREES_OF_FIVE }, () => this.#treeOfFive());
    while (this.#events < this.wanted) this.#family();
    return { book: this.#book, executions: this.#executions, events: this.#events, treesOfFive };
  }

  #treeOfFive(): bigint {
    const root = this.#add(null);
    const child = this.#add(root);
    this.#add(root);
    this.#add(child);
    this.#add(child);
    return root.id;
  }

  /** Nine in ten stand alone; the others have a few, some or about a hundred children, and those children at times too. */
  #family(): void {
    const random = this.#random;
    const root = this.#add(null);
    const size = random.next();
    const children =
      size < 0.001 ? random.whole(80, 300) : size < 0.015 ? random.whole(8, 40) : size < 0.1 ? random.whole(1, 5) : 0;
    for (let child = 0; child < children && this.#events < this.wanted; child++) {
      const added = this.#add(root, true);
      if (random.chance(0.1)) for (let below = random.whole(1, 3); below > 0; below--) this.#add(added, true);
    }
  }

  #add(parent: PlannedExecution | null, mayInline = false): PlannedExecution {
    const random = this.#random;
    const stack = parent && random.chance(0.9) ? parent.stack : random.pick(['python', 'rust'] as const);
    const shape = this.#book.pick(stack, random);
    const length = this.#book.shapes[shape]!.events;
    const terminal = !random.chance(NON_TERMINAL_SHARE);
    const cut = terminal ? length.length : random.whole(2, Math.floor(length.length * 0.9));
    const runMs = length[cut - 1]!.offsetMs;
    const recent = !terminal && random.chance(RECENT_SHARE);
    const startedMs = this.#start(parent, recent, runMs);
    const inline = mayInline && stack === 'python' && random.chance(INLINE_SHARE);
    const imported = !terminal && !recent && random.chance(IMPORTED_SHARE);
    const execution: PlannedExecution = {
      id: this.#id(stack, startedMs, inline),
      parent: parent?.id ?? null,
      inline,
      catalog: random.whole(1, CATALOG_ROWS),
      stack,
      shape,
      startedMs,
      cut,
      terminal,
      lastMs: startedMs + runMs,
      importedMs: imported ? this.nowMs - 30 * DAY_MS : null,
    };
    this.#executions.push(execution);
    this.#events += cut;
    return execution;
  }

  #start(parent: PlannedExecution | null, recent: boolean, runMs: number): number {
    const latest = this.nowMs - runMs - 1000;
    // The newest event of a recent one is up to five minutes old.
    if (recent) return Math.trunc(latest - this.#random.next() * 300_000);
    if (parent)
      return Math.trunc(Math.min(latest, parent.startedMs + this.#random.next() * (parent.lastMs - parent.startedMs)));
    return Math.trunc(latest - 1_200_000 - this.#random.next() * SPAN_MS);
  }

  #id(stack: ShapeStack, atMs: number, inline: boolean): bigint {
    const sequence = this.#sequence++;
    const since = BigInt(atMs - SNOWFLAKE_EPOCH_MS);
    let id =
      stack === 'python'
        ? (since << 23n) | (1n << 18n) | (sequence & 0x3ffffn)
        : (since << 22n) | (1n << 12n) | (sequence & 0xfffn);
    if (inline) id = BigInt(Math.floor(this.#random.next() * 1e15)) * 1000n + (sequence % 1000n) + 1n;
    while (this.#ids.has(id)) id += 1n;
    this.#ids.add(id);
    return id;
  }
}
