import { StoreError } from '../errors.js';
import type { ReadOptions } from '../event-store.js';
import { withoutSecrets } from '../secrets.js';
import { quoteIdentifier, type Sql } from '../sql.js';
import type { StoreContext } from './context.js';
import { NO_CATALOG, type Tables } from './tables.js';

interface PrivilegeRow {
  user_name: string;
  schema_exists: boolean;
  schema_usage: boolean;
  tables: { name: string; canSelect: boolean; canInsert: boolean }[];
}

/** What this user may do with NoETL's tables; asked when something was refused. */
export function privileges(schema: string): Sql<PrivilegeRow> {
  return {
    name: 'privileges',
    text: `SELECT current_user::text AS user_name, n.oid IS NOT NULL AS schema_exists,
    coalesce(pg_catalog.has_schema_privilege(n.oid, 'USAGE'), false) AS schema_usage,
    coalesce((SELECT json_agg(json_build_object('name', c.relname,
        'canSelect', pg_catalog.has_table_privilege(c.oid, 'SELECT'),
        'canInsert', pg_catalog.has_table_privilege(c.oid, 'INSERT'))
        ORDER BY c.relname <> 'event', c.relname)
      FROM pg_catalog.pg_class c WHERE c.relnamespace = n.oid AND c.relname IN ('event', 'catalog', 'runtime')
        AND c.relkind IN ('r', 'p', 'v', 'm', 'f')), '[]'::json) AS tables
  FROM (SELECT) one LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = $1`,
    values: [schema],
  };
}

/** What a user may do with NoETL's schema, and with those of its tables that are there. */
interface SchemaPrivileges {
  readonly usable: boolean;
  readonly tables: readonly { readonly name: string; readonly canSelect: boolean; readonly canInsert: boolean }[];
}

/** The statements that give a user all that the console can use and that is missing, identifiers quoted. */
export function missingGrants(schema: string, user: string, { usable, tables }: SchemaPrivileges): string[] {
  const [inSchema, to] = [quoteIdentifier(schema), quoteIdentifier(user)];
  const grants = usable ? [] : [`GRANT USAGE ON SCHEMA ${inSchema} TO ${to}`];
  for (const { name, canSelect, canInsert } of tables) {
    const rights = [...(canSelect ? [] : ['SELECT']), ...(name === 'event' && !canInsert ? ['INSERT'] : [])];
    if (rights.length > 0) grants.push(`GRANT ${rights.join(', ')} ON ${inSchema}.${name} TO ${to}`);
  }
  return grants;
}

/** Tables whose catalog may turn out not to be readable. */
export type DegradableTables = { -readonly [Name in keyof Tables]: Tables[Name] };

const isRefusal = (error: unknown): error is StoreError =>
  error instanceof StoreError && (error.kind === 'no-privilege' || error.kind === 'no-schema');

/**
 * Runs work; where the server refuses for want of a table or a privilege, asks what is missing. What the console can do
 * without (the catalog's paths) is done without from then on, and the work runs again; for the rest, the error names the
 * table that is really missing, and the GRANTs.
 */
export async function orDegraded<T>(
  context: StoreContext,
  options: ReadOptions | undefined,
  work: () => Promise<T>,
): Promise<T> {
  const before = context.tables.catalog;
  try {
    return await work();
  } catch (error) {
    if (!isRefusal(error) || before === NO_CATALOG) throw error;
    // Another read that ran beside this one has found out already.
    if (context.tables.catalog === NO_CATALOG) return work();
    const row = await askPrivileges(context, options);
    if (!row) throw error;
    const explanation = explain(context, row, error);
    if (explanation) throw explanation;
    const catalog = row.tables.find((table) => table.name === 'catalog');
    if (catalog?.canSelect) throw error;
    context.tables.catalog = NO_CATALOG;
    return work();
  }
}

/** A write that was refused, with the GRANTs that it lacks. */
export async function explained<T>(context: StoreContext, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const row = await askPrivileges(context, undefined);
    throw (row && explain(context, row, error, true)) ?? error;
  }
}

/** Why a filter by path cannot be answered; silence would look like an empty list. */
export function refuseWithoutCatalog({ tables, schema }: StoreContext): void {
  if (tables.catalog !== NO_CATALOG) return;
  throw new StoreError(
    'no-privilege',
    `paths cannot be searched: ${schema}.catalog is not readable; noetl-console doctor prints the GRANT`,
  );
}

async function askPrivileges(context: StoreContext, options: ReadOptions | undefined): Promise<PrivilegeRow | null> {
  const bounds = { timeoutMs: options?.timeoutMs ?? 10_000, signal: options?.signal };
  const asked = context.pools.readAtOnce('acting', bounds, [privileges(context.schema)]);
  return (await asked.catch(() => null))?.[0][0] ?? null;
}

function explain(
  { schema, database }: StoreContext,
  row: PrivilegeRow,
  cause: StoreError,
  writing = false,
): StoreError | null {
  const event = row.tables.find((table) => table.name === 'event');
  if (!row.schema_exists || !event) {
    const what = row.schema_exists ? `table ${schema}.event` : `schema ${schema}`;
    const said = `database "${withoutSecrets(database)}" has no ${what}; check --database-url and NOETL_SCHEMA`;
    return new StoreError('no-schema', said, { cause });
  }
  const onEvent = (right: string) => `${right} on ${schema}.event`;
  const lacks = [
    !row.schema_usage && `USAGE on schema ${schema}`,
    !event.canSelect && onEvent('SELECT'),
    writing && !event.canInsert && onEvent('INSERT'),
  ].filter(Boolean);
  if (lacks.length === 0) return null;
  const grants = missingGrants(schema, row.user_name, { usable: row.schema_usage, tables: row.tables });
  const said = `user "${row.user_name}" lacks a privilege (${lacks.join(', ')}): ${grants.join('; ')}`;
  return new StoreError('no-privilege', said, { cause });
}
