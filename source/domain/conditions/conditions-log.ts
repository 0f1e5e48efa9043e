import type { EpochMs } from '../execution.js';
import type { ExecutionId } from '../execution-id.js';

/** A row of noetl.command, which the servers write at once. */
export interface IssuedCommand {
  readonly executionId: ExecutionId;
  /** When the server wrote it; null where the table does not say. */
  readonly at: EpochMs | null;
  /** True when noetl.event has the `command.issued` that belongs to it, or a newer one of the same execution. */
  readonly inLog: boolean;
}

/** The newest rows of noetl.command, `__orchestrate__` ones aside, or why they are not known. */
export type NewestCommands =
  | { readonly kind: 'rows'; readonly rows: readonly IssuedCommand[] }
  | { readonly kind: 'unknown'; readonly why: string };

export type LogVerdict =
  | { readonly kind: 'current' }
  | { readonly kind: 'unknown'; readonly why: string }
  | {
      readonly kind: 'behind';
      /** The oldest of the newest rows that the log lacks. */
      readonly since: EpochMs;
      readonly missing: number;
      readonly executions: readonly ExecutionId[];
    };

/**
 * A materialiser writes the log in order, so it is behind when the newest rows are all missing from it and one of them
 * is old enough. A row that is missing while a newer one is there was lost, which is another fault. Rows of the future
 * are never old enough; they are neither proof for the log nor against it.
 */
export function logBehind(commands: NewestCommands, now: EpochMs, behindMs: number): LogVerdict {
  if (commands.kind === 'unknown') return commands;
  const dated = commands.rows.flatMap((row) => (row.at === null ? [] : [{ ...row, at: row.at }]));
  if (dated.length === 0) {
    const why =
      commands.rows.length === 0
        ? 'noetl.command has no row of a command to compare the log with'
        : 'noetl.command does not say when its rows were written';
    return { kind: 'unknown', why };
  }
  const newest = dated.filter((row) => row.at <= now).sort((a, b) => b.at - a.at);
  const known = newest.findIndex((row) => row.inLog);
  const missing = known < 0 ? newest : newest.slice(0, known);
  const oldest = missing.at(-1);
  if (!oldest || now - oldest.at < behindMs) return { kind: 'current' };
  return {
    kind: 'behind',
    since: oldest.at,
    missing: missing.length,
    executions: [...new Set(missing.map((row) => row.executionId))],
  };
}
