import { Pools } from './pools.js';
import { type IndexRow, indexes, type ServerRow, server, type TableRow, tables } from './queries/inspection.js';
import type { ConnectionSettings } from './settings.js';

/** What a database is like, for `doctor`: facts only, no judgement. */
export interface DatabaseFacts {
  readonly server: {
    readonly version: string;
    /** The database's clock, milliseconds since 1970, and this process's clock at the same moment. */
    readonly clock: number;
    readonly localClock: number;
    readonly readOnly: boolean;
    readonly inRecovery: boolean;
    readonly encrypted: boolean | null;
    /** What the user may do beyond tables: `superuser`, or the roles that reach the server's files and programs. */
    readonly rights: readonly string[];
  };
  readonly schema: { readonly exists: boolean; readonly usable: boolean };
  /** Those of NoETL's tables that are there. */
  readonly tables: readonly {
    readonly name: string;
    readonly partitions: number;
    readonly columns: readonly string[];
    readonly canSelect: boolean;
    readonly canInsert: boolean;
  }[];
  /** Of the event table, without partial ones; columns in their order, expressions as null. */
  readonly eventIndexes: readonly (readonly (string | null)[])[];
}

const TABLES = ['event', 'catalog', 'runtime'];
const TIMEOUT_MS = 15_000;

/** Reads what a database is like on a connection of its own. Throws StoreError. */
export async function inspectDatabase(settings: ConnectionSettings, signal?: AbortSignal): Promise<DatabaseFacts> {
  const pools = new Pools(settings, { polling: 1, acting: 1, checking: 1 });
  try {
    return await pools.read('acting', { timeoutMs: TIMEOUT_MS, signal }, async (transaction) => {
      const asked = Date.now();
      const [row] = await transaction.query<ServerRow & Record<string, unknown>>(server(settings.schema));
      const answered = Date.now();
      const found = await transaction.query<TableRow & Record<string, unknown>>(tables(settings.schema, TABLES));
      const known = await transaction.query<IndexRow & Record<string, unknown>>(indexes(settings.schema, 'event'));
      return {
        server: {
          version: row!.version,
          clock: row!.now_ms,
          localClock: (asked + answered) / 2,
          readOnly: row!.read_only,
          inRecovery: row!.in_recovery,
          encrypted: row!.encrypted,
          rights: row!.rights,
        },
        schema: { exists: row!.schema_exists, usable: row!.schema_usage },
        tables: found.map(({ name, partitions, columns, can_select, can_insert }) => ({
          name,
          partitions,
          columns,
          canSelect: can_select,
          canInsert: can_insert,
        })),
        eventIndexes: known.filter((index) => !index.partial).map((index) => index.columns),
      };
    });
  } finally {
    await pools.close();
  }
}
