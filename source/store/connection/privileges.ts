import { quoteIdentifier, type Sql } from '../sql.js';

export interface PrivilegeRow {
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
export interface SchemaPrivileges {
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
