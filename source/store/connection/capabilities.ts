import { StoreError } from '../errors.js';
import { withoutSecrets } from '../secrets.js';
import type { Sql } from '../sql.js';
import { READ_TIMEOUT_MS, type StoreContext } from './context.js';

export interface CapabilityRow {
  event_table: boolean;
  prev_event_id: boolean;
  /** The column; newer installs only. */
  command_id: boolean;
  /** True where the table is there and may be read; without it, workers' liveness is unknown. */
  runtime_table: boolean;
}

const hasColumn = (column: string): string =>
  `bool_or(c.relname = 'event' AND EXISTS (SELECT FROM pg_catalog.pg_attribute a
      WHERE a.attrelid = c.oid AND a.attname = '${column}' AND NOT a.attisdropped)) IS TRUE`;

/** What this installation has: older ones lack columns or tables, and some users may not read all of them. */
export function capabilities(schema: string): Sql<CapabilityRow> {
  return {
    name: 'capabilities',
    text: `SELECT bool_or(c.relname = 'event') IS TRUE AS event_table,
    bool_or(c.relname = 'runtime' AND pg_catalog.has_table_privilege(c.oid, 'SELECT')) IS TRUE AS runtime_table,
    ${hasColumn('prev_event_id')} AS prev_event_id, ${hasColumn('command_id')} AS command_id
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = $1 AND c.relname IN ('event', 'runtime')`,
    values: [schema],
  };
}

/**
 * What the installation has, asked once: it does not change while a console runs. It is asked as the first connection
 * opens; a caller that comes before the answer asks for itself.
 */
export function capabilityProbe(
  context: Omit<StoreContext, 'capabilities' | 'knownCapabilities'>,
): Pick<StoreContext, 'capabilities' | 'knownCapabilities'> {
  let known: CapabilityRow | null = null;
  context.pools.onFirstConnection(capabilities(context.schema), ([row]) => {
    if (row?.event_table) known ??= row;
  });
  const ask: StoreContext['capabilities'] = async (options) => {
    if (known) return known;
    const bounds = { timeoutMs: options?.timeoutMs ?? READ_TIMEOUT_MS, signal: options?.signal };
    const [[row]] = await context.pools.readAtOnce('acting', bounds, [capabilities(context.schema)]);
    if (!row?.event_table) {
      throw new StoreError(
        'no-schema',
        `database "${withoutSecrets(context.database)}" has no table ${context.schema}.event; check --database-url and NOETL_SCHEMA`,
      );
    }
    known = row;
    return row;
  };
  return { capabilities: ask, knownCapabilities: () => known };
}
