import { phaseTotals, STOP_WORDS } from '../../domain/stopping/stop-sentences.js';
import { markdownText as text } from './markdown-text.js';
import type { IncidentEntry, IncidentReport } from './report.js';

/** Ended executions that are named one by one. */
const NAMED = 20;

/** The incident report for people: the facts first, then every execution with its evidence. */
export function incidentMarkdown(report: IncidentReport): string {
  const { plan, evidence } = report;
  const lines = [
    `# Cancellation of ${plural(plan.requested.length)}`,
    '',
    `- **Who:** ${text(report.cancelled_by)} with ${text(report.source)}`,
    `- **When:** ${report.started_at} to ${report.finished_at}`,
    `- **Why:** ${text(report.reason)}`,
    ...(report.database ? [`- **Where:** ${text(report.database)}`] : []),
    ...(report.despite
      ? [`- **Despite:** ${report.despite.join(', ')} (conditions of the engine that were overridden)`]
      : []),
    `- **Cascade:** ${report.cascade ? 'yes' : 'no'}`,
    `- **Batch:** ${text(report.batch_id)}`,
    `- **Outcome:** ${counted(report.counts)}${report.interrupted ? '; interrupted' : ''}`,
    `- **Settled:** ${stopped(evidence)}`,
    ...(report.sweep_problem ? [`- **Late children could not be looked for:** ${text(report.sweep_problem)}`] : []),
    '',
    '## Plan',
    '',
    `- Requested: ${plan.requested.join(', ')}`,
    `- To cancel: ${plan.targets}`,
    ...endedLines(plan.already_ended),
    ...plan.unknown.map((id) => `- Not found: ${id}`),
    '',
    '## Executions',
    '',
    '| execution | playbook | outcome | cancelled at | state | evidence |',
    '|---|---|---|---|---|---|',
    ...report.executions.map(row),
    '',
    `Written ${report.written_at}. The state is read from the event log: what started work after the cancel, and what was in progress.`,
    '',
  ];
  return lines.join('\n');
}

function row(entry: IncidentEntry): string {
  const cells = [
    entry.execution_id,
    text(entry.path),
    `${text(entry.detail)}${entry.late && entry.outcome === 'not-planned' ? ' (late)' : ''}`,
    entry.cancelled_at ?? '–',
    entry.stop ? STOP_WORDS[entry.stop.phase] : '–',
    evidenceOf(entry),
  ];
  return `| ${cells.join(' | ')} |`;
}

function evidenceOf({ stop, cancel_event_id }: IncidentEntry): string {
  if (stop?.violation) {
    const { event_type, event_id, step, worker, at } = stop.violation;
    const ended = stop.phase === 'still-emitting' || stop.draining > 0 ? '' : ', and has ended';
    return `${text(event_type)} ${event_id} of step ${text(step)} by ${text(worker)} at ${at}${ended}`;
  }
  if (stop?.holding.length) {
    return stop.holding
      .map(({ step, worker, since, worker_alive }) => {
        const liveness = worker_alive === null ? 'liveness unknown' : worker_alive ? 'alive' : 'missing or silent';
        return `${text(step)} held by ${text(worker)} (${liveness}) since ${since}`;
      })
      .join('; ');
  }
  if (stop?.phase === 'stopped') {
    const issued = stop.issued_after > 0 ? `; ${stop.issued_after} issued afterwards, refused` : '';
    return `nothing in progress${issued}`;
  }
  return cancel_event_id ? `cancel event ${cancel_event_id}` : '–';
}

function stopped(evidence: IncidentReport['evidence']): string {
  if (!evidence) return 'not followed';
  const phases = phaseTotals(evidence.phases);
  const verdict = evidence.settled ? 'yes, all' : 'not all';
  return `${verdict} (${phases}) as of ${evidence.as_of}${evidence.problem ? `; last read failed: ${text(evidence.problem)}` : ''}`;
}

const counted = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([word, count]) => `${count} ${word}`)
    .join(', ') || 'nothing';

const plural = (count: number): string => `${count} ${count === 1 ? 'execution' : 'executions'}`;

/** One line for each way of having ended: a cascade through a runaway meets hundreds that were over. */
function endedLines(ended: readonly { readonly as: string; readonly execution_id: string }[]): string[] {
  const ids = new Map<string, string[]>();
  for (const { as, execution_id } of ended) ids.set(as, [...(ids.get(as) ?? []), execution_id]);
  return [...ids].map(([as, own]) => {
    const rest = own.length > NAMED ? ` and ${own.length - NAMED} more (all are in a .json report)` : '';
    return `- Already ${as}, skipped: ${own.length} (${own.slice(0, NAMED).join(', ')}${rest})`;
  });
}
