import { quoteIdentifier } from './sql.js';

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
