import type { EpochMs } from '../../domain/execution.js';
import { rateWords } from '../../domain/runaway/sentences.js';
import type { RunawayExecution } from '../../service/runaway/runaway.js';
import { formatDuration } from '../../text/duration.js';
import { playbook } from './execution-table.js';
import type { Style } from './style.js';
import { type Column, table } from './table.js';

const runTime = ({ execution }: RunawayExecution, now: EpochMs): string =>
  execution.startedAt === null ? '-' : formatDuration(now - execution.startedAt);

/** Executions that run away, with their evidence. */
export function runawayTable(
  found: readonly RunawayExecution[],
  now: EpochMs,
  style: Style,
  width: number | undefined,
): string[] {
  const columns: readonly Column<RunawayExecution>[] = [
    {
      title: 'WHY',
      cell: ({ runaway }) => [runaway.code, ...runaway.also].join(', '),
      paint: (cell, _row, to) => to.yellow(cell),
    },
    { title: 'EXECUTION', cell: ({ execution }) => execution.executionId },
    { title: 'RUNNING', cell: (row) => runTime(row, now), align: 'right' },
    {
      title: 'RATE',
      cell: ({ runaway }) => (runaway.rate === null ? '-' : rateWords(runaway.rate)),
      align: 'right',
      drop: 1,
    },
    { title: 'PLAYBOOK', cell: ({ execution }) => playbook(execution), least: 12, drop: 2 },
    { title: 'PARENT', cell: ({ execution }) => execution.parentExecutionId ?? '-', drop: 3 },
    { title: 'EVIDENCE', cell: ({ runaway }) => runaway.evidence.sentence, least: 40 },
  ];
  return table(found, columns, style, width);
}
