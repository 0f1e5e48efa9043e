import { quoteIdentifier } from '../sql.js';

/** NoETL's tables, qualified and quoted: nothing depends on a search path. */
export interface Tables {
  readonly event: string;
  readonly catalog: string;
  readonly runtime: string;
}

/** Stands for a catalog that is absent or that the user may not read: executions then have no paths. */
export const NO_CATALOG = '(SELECT NULL::bigint AS catalog_id, NULL::text AS path, NULL::int AS version WHERE false)';

export function tablesIn(schema: string): Tables {
  const qualified = (table: string) => `${quoteIdentifier(schema)}.${table}`;
  return { event: qualified('event'), catalog: qualified('catalog'), runtime: qualified('runtime') };
}
