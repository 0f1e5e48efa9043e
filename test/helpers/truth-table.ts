import type { StaleReport } from '../../source/service/diagnose/stale-summary.js';
import type { HistoryExecution } from './history.js';

/** What was found against what is true, one line for each pair that occurs, as a table for people. */
export function truthTable(history: readonly HistoryExecution[], report: StaleReport): string {
  const found = new Map(report.stale.map(({ execution, diagnosis }) => [execution.executionId, diagnosis]));
  const counts = new Map<string, number>();
  for (const { id, truth } of history) {
    const diagnosis = found.get(id);
    const key = [truth, diagnosis?.code ?? '(not stale)', diagnosis ? (diagnosis.safe ? 'yes' : 'no') : '-'].join('\t');
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const lines = [...counts]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([key, count]) => [...key.split('\t'), `${count}`]);
  const table = [['truth', 'diagnosis', 'safe', 'executions'], ...lines];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  return table
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
