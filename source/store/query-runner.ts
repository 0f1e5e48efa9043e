import type { ReadOptions } from './event-store.js';

/** A table of texts, as the server prints them. */
export interface QueryTable {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** Null is SQL's NULL; everything else is the server's text, times in UTC, JSON without needless spaces. */
  readonly rows: readonly (readonly (string | null)[])[];
  /** True when there are more rows than `maxRows`. */
  readonly truncated: boolean;
}

export interface QueryRunner {
  /**
   * Runs one SQL statement that somebody wrote, in a READ ONLY transaction that is rolled back, on a connection that is
   * thrown away afterwards. Throws StoreError of kind `refused-sql` for what may not run and for what the server finds
   * wrong in it. What this does and does not protect from: docs/staleness.md, "query".
   */
  runReadOnly(
    sql: string,
    /** `searchPath`: the schema that names without one belong to; the session's own where it is absent. */
    options: ReadOptions & { readonly maxRows: number; readonly searchPath?: string },
  ): Promise<QueryTable>;
}
