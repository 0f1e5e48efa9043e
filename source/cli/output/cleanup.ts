import { cancelledMessage } from '../../service/cancel/cancel-results.js';
import type { CleanupPlan, CleanupReport, CleanupSkip } from '../../service/cleanup/cleanup.js';
import type { StaleExecution } from '../../service/diagnose/stale-summary.js';
import { diagnosisJson } from '../../service/json.js';
import { formatDuration } from '../../text/duration.js';
import { visibleJson } from '../../text/visible-text.js';
import { plural } from '../../text/words.js';
import { playbook } from './execution-table.js';
import { type FollowUp, followUpJson } from './follow-and-report.js';
import { type Column, printTable } from './table.js';
import type { Terminal } from './terminal.js';

/** What a dry run shows: what would be cancelled with its evidence, and what would be skipped, counted by reason. */
export function printCleanupPlan(plan: CleanupPlan, terminal: Terminal, form: string | null = null): void {
  const silent = `silent for more than ${formatDuration(plan.olderThanMs)}`;
  terminal.print(`Dry run: nothing was written. Would cancel ${plural(plan.targets.length, 'execution')} ${silent}.`);
  if (plan.targets.length > 0) printTable(plan.targets, TARGETS, terminal, form);
  printSkipped(plan.skipped, terminal);
}

/** What was done: how many of each code, and what was skipped and why. */
export function printCleanupReport(report: CleanupReport, terminal: Terminal): void {
  terminal.print(cancelledMessage(report.cancelled.length));
  if (report.counts.length > 0) {
    printTable(
      report.counts,
      [
        { title: 'WHY', cell: ({ code }) => code },
        { title: 'PLANNED', cell: ({ planned }) => String(planned), align: 'right' },
        { title: 'CANCELLED', cell: ({ cancelled }) => String(cancelled), align: 'right' },
      ],
      terminal,
    );
  }
  if (report.cancelled.length > 0) {
    terminal.print('');
    terminal.print('Cancelled executions:');
    for (const { executionId } of report.cancelled) terminal.print(`  - ${executionId}`);
  }
  printSkipped(report.skipped, terminal);
}

/** Unsafe ones are many and `stale` shows each; what happened to a target is shown one by one. */
function printSkipped(skipped: readonly CleanupSkip[], terminal: Terminal): void {
  const unsafe = skipped.filter((skip) => skip.why === 'not-safe');
  const beyond = skipped.filter((skip) => skip.why === 'over-limit').length;
  const others = skipped.filter((skip) => skip.why !== 'not-safe' && skip.why !== 'over-limit');
  if (others.length > 0) {
    terminal.print('');
    terminal.print('Skipped:');
    printTable(
      others,
      [
        { title: 'EXECUTION', cell: ({ executionId }) => executionId },
        { title: 'BECAUSE', cell: ({ why }) => why },
        { title: 'DETAIL', cell: ({ detail }) => detail, least: 24 },
      ],
      terminal,
    );
  }
  if (beyond > 0) {
    terminal.print('');
    terminal.print(`Skipped (over --limit): ${beyond}`);
  }
  if (unsafe.length === 0) return;
  const codes = new Map<string, number>();
  for (const { code } of unsafe) codes.set(code, (codes.get(code) ?? 0) + 1);
  const counted = [...codes].map(([code, count]) => `${count} ${code}`).join(', ');
  terminal.print('');
  terminal.print(`Skipped (unsafe; use --include CODE): ${counted}`);
}

/** One line an execution, in the shape of the API's cancel body. */
export function cleanupPlanJson({ targets, skipped }: CleanupPlan): string[] {
  return [
    ...targets.map(({ execution, diagnosis }) =>
      visibleJson({
        status: 'dry_run',
        execution_id: execution.executionId,
        cancelled_executions: [],
        message: 'Would cancel 1 execution(s)',
        ...diagnosisJson(diagnosis),
      }),
    ),
    ...skipped.map(skipJson),
  ];
}

/** The same for a run, those skipped after those cancelled. */
export function cleanupReportJson(report: CleanupReport, followed: FollowUp | null): string[] {
  return [
    ...report.cancelled.map(({ executionId, code }) =>
      visibleJson({
        status: 'cancelled',
        execution_id: executionId,
        cancelled_executions: [executionId],
        message: cancelledMessage(1),
        via: report.cancel.via ?? 'table',
        code,
        reason: report.cancel.request.reason,
        batch_id: report.cancel.request.batchId,
        ...(followed ? { stop: followUpJson(followed, [executionId]) } : {}),
      }),
    ),
    ...report.skipped.map(skipJson),
  ];
}

const skipJson = ({ executionId, code, why, detail }: CleanupSkip): string =>
  visibleJson({
    status: why === 'failed' || why === 'outcome-unknown' ? 'error' : 'skipped',
    execution_id: executionId,
    cancelled_executions: [],
    message: detail,
    code,
    why,
  });

const TARGETS: readonly Column<StaleExecution>[] = [
  { title: 'WHY', cell: ({ diagnosis }) => diagnosis.code },
  { title: 'EXECUTION', cell: ({ execution }) => execution.executionId },
  { title: 'SILENT', cell: ({ silentMs }) => formatDuration(silentMs), align: 'right' },
  { title: 'PLAYBOOK', cell: ({ execution }) => playbook(execution), least: 12, drop: 1 },
  { title: 'EVIDENCE', cell: ({ diagnosis }) => diagnosis.evidence.sentence, least: 24 },
];
