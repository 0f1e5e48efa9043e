import type { EpochMs } from '../execution.js';
import type { ExecutionId } from '../execution-id.js';
import { ago } from '../staleness/stale-evidence.js';
import type { Condition } from './conditions.js';

/** A row of noetl.command, which the servers write at once. */
export interface IssuedCommand {
  readonly executionId: ExecutionId;
  /** When the server wrote it; null where the table does not say. */
  readonly at: EpochMs | null;
  /** True when noetl.event has the `command.issued` that belongs to it, or a newer one of the same execution. */
  readonly inLog: boolean;
  /** Which log it was compared with, where there are several. */
  readonly log?: string;
}

/** The newest rows of noetl.command, `__orchestrate__` ones aside, or why they are not known. */
export type NewestCommands =
  | {
      readonly kind: 'rows';
      readonly rows: readonly IssuedCommand[];
      /** Why the rows of some logs are not among them; absent where all are. */
      readonly unknown?: string;
    }
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
      /** Those that are behind, where there are several. */
      readonly logs: readonly string[];
    };

/** The verdict on all logs: each is judged by its own rows, since one that is current says nothing of another. */
export function logBehind(commands: NewestCommands, now: EpochMs, behindMs: number): LogVerdict {
  if (commands.kind === 'unknown') return commands;
  const logs = [...new Set(commands.rows.map(({ log }) => log))];
  if (logs.length <= 1) return oneLogBehind(commands, now, behindMs);
  const verdicts = logs.map((log) => {
    const rows = commands.rows.filter((row) => row.log === log);
    return oneLogBehind({ kind: 'rows', rows }, now, behindMs);
  });
  const behind = verdicts.filter((verdict) => verdict.kind === 'behind');
  // Two logs at least have come this far.
  if (behind.length === 0) return verdicts.find(({ kind }) => kind === 'current') ?? verdicts[0]!;
  return {
    kind: 'behind',
    since: Math.min(...behind.map(({ since }) => since)),
    missing: behind.reduce((sum, { missing }) => sum + missing, 0),
    executions: behind.flatMap(({ executions }) => executions),
    logs: behind.flatMap((verdict) => verdict.logs),
  };
}

/**
 * A materialiser writes the log in order, so it is behind when the newest rows are all missing from it and one of them
 * is old enough. A row that is missing while a newer one is there was lost, which is another fault. Rows of the future
 * are never old enough; they are neither proof for the log nor against it.
 */
function oneLogBehind(commands: NewestCommands, now: EpochMs, behindMs: number): LogVerdict {
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
    logs: oldest.log === undefined ? [] : [oldest.log],
  };
}

/** The condition that a log which is behind makes; at most `named` of its executions are named. */
export function logCondition(
  { since, missing, executions, logs }: Extract<LogVerdict, { kind: 'behind' }>,
  now: EpochMs,
  named: number,
): Condition {
  const rows = missing === 1 ? '1 row' : `${missing} rows`;
  const where = logs.length === 0 ? '' : ` of ${logs.join(', ')}`;
  return {
    code: 'log-behind',
    sentence: `the newest ${rows} of noetl.command${where}, the oldest from ${ago(since, now)}, ${missing === 1 ? 'has' : 'have'} no \`command.issued\` in noetl.event: the log lags behind the servers`,
    remedy: 'check the materialiser that writes noetl.event: it lags or has stopped',
    since,
    until: null,
    count: missing,
    names: executions.slice(0, named),
  };
}
