import type { StaleExecution, StaleReport } from '../../service/diagnose/stale-summary.js';
import { formatDuration } from '../../text/duration.js';
import { plural } from '../../text/plural.js';
import { playbook } from './execution-table.js';
import { type Column, table } from './table.js';
import { type Terminal, tableWidth } from './terminal.js';

/** The codes' column, in the list and in its summary. */
const CODE = 'WHY';

/** The stale executions with their evidence, then the same counted by code and by playbook. */
export function printStale(report: StaleReport, total: number, terminal: Terminal): void {
  const width = tableWidth(terminal);
  const { style } = terminal;
  const print = (lines: readonly string[]) => {
    for (const line of lines) terminal.print(line);
  };
  print(table(report.stale, COLUMNS, style, width));
  if (report.stale.length < total) terminal.note(`${report.stale.length} of ${total}; --limit shows more.`);
  terminal.print('');
  print(
    table(
      report.byCode,
      [
        { title: CODE, cell: ({ code }) => code },
        { title: 'EXECUTIONS', cell: ({ count }) => String(count), align: 'right' },
        { title: 'SAFE', cell: ({ safe }) => (safe ? 'yes' : 'no') },
      ],
      style,
      width,
    ),
  );
  terminal.print('');
  print(
    table(
      report.byPath,
      [
        { title: 'PLAYBOOK', cell: ({ path }) => path ?? '(not in the catalog)', least: 16 },
        { title: 'EXECUTIONS', cell: ({ count }) => String(count), align: 'right' },
        { title: 'SAFE', cell: ({ safe }) => String(safe), align: 'right' },
      ],
      style,
      width,
    ),
  );
  for (const { cohort, executionIds } of report.cohorts) {
    terminal.print(style.dim(`Imported together at ${cohort}: ${plural(executionIds.length, 'execution')}`));
  }
  const safe = report.byCode.reduce((sum, each) => sum + (each.safe ? each.count : 0), 0);
  terminal.note(`${total} stale, ${safe} safe to clean up: noetl-console cleanup --dry-run shows what it would do.`);
}

const COLUMNS: readonly Column<StaleExecution>[] = [
  {
    title: CODE,
    cell: ({ diagnosis }) => diagnosis.code,
    paint: (cell, { diagnosis }, style) => (diagnosis.safe ? style.yellow(cell) : cell),
  },
  { title: 'SAFE', cell: ({ diagnosis }) => (diagnosis.safe ? 'yes' : 'no'), drop: 1 },
  { title: 'EXECUTION', cell: ({ execution }) => execution.executionId },
  { title: 'SILENT', cell: ({ silentMs }) => formatDuration(silentMs), align: 'right' },
  { title: 'PLAYBOOK', cell: ({ execution }) => playbook(execution), least: 12, drop: 2 },
  { title: 'PARENT', cell: ({ execution }) => execution.parentExecutionId ?? '-', drop: 3 },
  { title: 'EVIDENCE', cell: ({ diagnosis }) => diagnosis.evidence.sentence, least: 40 },
];
