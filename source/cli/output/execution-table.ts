import { displayStatus, type EpochMs, type Execution, silentFor } from '../../domain/execution.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import type { Diagnosis } from '../../domain/staleness/staleness-types.js';
import { formatDuration } from '../../text/duration.js';
import { paintStatus, statusWord } from './status-word.js';
import type { Style } from './style.js';
import { type Column, shortTime, table } from './table.js';

/** What a table of executions is told against. */
export interface ListClock {
  readonly now: EpochMs;
  readonly staleAfterMs: number;
}

const eventWord = ({ lastEvent }: Execution): string =>
  lastEvent.node === null ? lastEvent.type : `${lastEvent.type} ${lastEvent.node}`;

/** The columns of an execution that every list shares. */
export function executionColumns<Row>(executionOf: (row: Row) => Execution, clock: ListClock): Column<Row>[] {
  const status = (row: Row) => displayStatus(executionOf(row), clock.now, clock.staleAfterMs);
  return [
    {
      title: 'STATUS',
      cell: (row) => statusWord(status(row)),
      paint: (cell, row, style) => paintStatus(cell, status(row), style),
    },
    { title: 'EXECUTION', cell: (row) => executionOf(row).executionId },
    { title: 'PLAYBOOK', cell: (row) => playbook(executionOf(row)), least: 16 },
    { title: 'STARTED', cell: (row) => shortTime(executionOf(row).startedAt), drop: 2 },
    { title: 'SILENT', cell: (row) => formatDuration(silentFor(executionOf(row), clock.now)), align: 'right' },
    { title: 'LAST EVENT', cell: (row) => eventWord(executionOf(row)), least: 14, drop: 1 },
    { title: 'PARENT', cell: (row) => executionOf(row).parentExecutionId ?? '-', drop: 3 },
  ];
}

/** A playbook's path and version; executions without a catalog row have neither. */
export const playbook = ({ path, version }: Pick<Execution, 'path' | 'version'>): string =>
  path === null ? '(not in the catalog)' : version === null ? path : `${path} v${version}`;

/** A table of executions; with a WHY where any of them has a diagnosis. */
export function executionTable(
  executions: readonly Execution[],
  clock: ListClock,
  diagnoses: ReadonlyMap<ExecutionId, Diagnosis>,
  style: Style,
  width?: number,
): string[] {
  const columns = executionColumns((row: Execution) => row, clock);
  if (diagnoses.size > 0) {
    columns.splice(1, 0, { title: 'WHY', cell: (row) => diagnoses.get(row.executionId)?.code ?? '-' });
  }
  return table(executions, columns, style, width);
}
