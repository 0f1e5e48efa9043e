import { read, type StoreContext } from '../connection/context.js';
import { StoreError } from '../errors.js';
import { clock } from '../executions/statements.js';
import { type NewestCommandRow, newestCommands } from './newest-commands.js';
import type { EngineFactsReader } from './types.js';

/** A table without the index on command_id is sorted as a whole; what takes longer is not worth its cost. */
const TIMEOUT_MS = 5_000;
const UNDEFINED_TABLE = '42P01';
/** The class of SQLSTATEs for statements that do not fit the tables: a column or an operator that does not exist. */
const WRONG_STATEMENT = '42';

export function engineFactsReader(context: StoreContext): EngineFactsReader {
  return {
    async newestCommands(options) {
      try {
        const bounded = { ...options, timeoutMs: Math.min(options?.timeoutMs ?? TIMEOUT_MS, TIMEOUT_MS) };
        return await read(context, bounded, async (transaction) => {
          const [{ now } = { now: 0 }] = await transaction.query<{ now: number }>(clock());
          const rows = await transaction.query<NewestCommandRow & Record<string, unknown>>(
            newestCommands(context.tables, now),
          );
          return {
            kind: 'rows' as const,
            rows: rows.map((row) => ({ executionId: row.execution_id, at: row.at, inLog: row.in_log })),
          };
        });
      } catch (error) {
        const why = whyUnknown(error);
        if (why === null) throw error;
        return { kind: 'unknown', why };
      }
    },
  };
}

/** Null for failures that concern more than this table. Older installs name commands by text, others lack the table. */
function whyUnknown(error: unknown): string | null {
  if (!(error instanceof StoreError)) return null;
  if (error.kind === 'no-privilege') return 'noetl.command may not be read';
  if (error.kind === 'timeout') return `noetl.command could not be read within ${TIMEOUT_MS / 1000} s`;
  const { code } = (error.cause ?? {}) as { code?: unknown };
  if (code === UNDEFINED_TABLE) return 'there is no table noetl.command';
  return typeof code === 'string' && code.startsWith(WRONG_STATEMENT)
    ? 'noetl.command has other columns than expected'
    : null;
}
