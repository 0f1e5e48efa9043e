import type { ReadOptions } from '../event-store.js';

/** A table of texts, as the server prints them. */
export interface QueryTable {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** Null is SQL's NULL; everything else is the server's text, times in UTC, JSON without needless spaces. */
  readonly rows: readonly (readonly (string | null)[])[];
  /** True when there are more rows than `maxRows`. */
  readonly truncated: boolean;
  /** What whoever ran it may do beyond reading tables: `superuser`, or roles that reach the server's files. */
  readonly risks: readonly string[];
}

export interface QueryOptions extends ReadOptions {
  readonly maxRows: number;
  /** Where names without a schema are looked for, after pg_catalog; the schema of NoETL's tables where it is absent. */
  readonly schema?: string;
  /**
   * Run as this role (SET LOCAL ROLE); `none` for the connection's own user. Where it is absent, a superuser's rights
   * are given up for pg_read_all_data's.
   */
  readonly role?: string | null;
  /** Trust the database's own functions, operators, casts and views, as far as they are not declared VOLATILE. */
  readonly allowFunctions?: boolean;
}

export interface QueryRunner {
  /**
   * Runs one SQL statement that somebody wrote, in a READ ONLY transaction that is rolled back, on a connection that is
   * thrown away afterwards. Throws StoreError of kind `refused-sql` for what may not run and for what the server finds
   * wrong in it. What this does and does not protect from: docs/security.md.
   */
  runReadOnly(sql: string, options: QueryOptions): Promise<QueryTable>;
}
