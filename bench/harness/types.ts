import type { BenchDatabase } from './databases.js';

/** How large a run is: `quick` proves that everything works, `full` adds ten million events. */
export type BenchMode = 'quick' | 'normal' | 'full';

/** How cold a server is. */
export interface ColdState {
  /** False where the files' pages are still in the system's cache, because only root may drop them. */
  readonly isSystemCacheCold: boolean;
}

/** What a measurement is given. */
export interface BenchContext {
  readonly mode: BenchMode;
  /**
   * In events, scaled down by `quick`: the two sizes that product.md speaks of, a smaller one for the growth from the
   * smallest, and with `full` a larger one.
   */
  readonly sizes: {
    readonly smallest: number;
    readonly small: number;
    readonly large: number;
    readonly largest?: number;
  };
  /** A database filled with so many events; made on first use, shared by all measurements of the run. */
  database(events: number): Promise<BenchDatabase>;
  /** A database of 100,000 events that the caller may write to as it likes; a new one each time. */
  scratchDatabase(): Promise<BenchDatabase>;
  /** A new empty database with NoETL's schema, for measurements that bring their own rows. */
  emptyDatabase(): Promise<BenchDatabase>;
  /**
   * A database filled with so many events on a server that has just started with these settings, and, where the system
   * allows it, with no file in the system's cache. Databases that were given out before are closed by it. Null where no
   * directory keeps the data, which would go with the server.
   */
  readonly coldDatabase:
    | ((events: number, settings: Readonly<Record<string, string>>) => Promise<BenchDatabase & ColdState>)
    | null;
  /** Puts lines between the markers of that name in docs/scale.md, where this run writes documents. */
  writeModel(name: string, lines: readonly string[]): void;
  /** How often to repeat, given what a normal run would do. */
  repeats(normal: number): number;
  /** Progress, on stderr. */
  log(line: string): void;
}

/** One line of the table. */
export interface BenchRow {
  /** What was measured, in a few words. */
  readonly what: string;
  /** Sizes used: events, rows, columns × rows. */
  readonly sizes: string;
  /** With unit and spread. */
  readonly ours: string;
  /** What it is compared with, with unit and spread; empty for a figure that stands alone. */
  readonly reference: string;
  /** The ratio or the figure that the target speaks of. */
  readonly ratio: string;
  readonly target: string;
  readonly verdict: string;
  /** Why it falls short, or what has to be known to read it. */
  readonly note?: string;
}
