import { phaseTotals, STOP_WORDS } from '../../domain/stopping/stop-sentences.js';
import { visibleText } from '../../text/visible-text.js';
import { plural } from '../../text/words.js';
import type { IncidentEntry, IncidentReport } from './report.js';

/** Ended executions that are named one by one. */
const NAMED = 20;

/** The incident report for people: the facts first, then every execution with its evidence. */
export function incidentMarkdown(report: IncidentReport): string {
  const { plan, evidence } = report;
  const lines = [
    `# Cancellation of ${plural(plan.requested.length, 'execution')}`,
    '',
    `- **Who:** ${markdownText(report.cancelled_by)} with ${markdownText(report.source)}`,
    `- **When:** ${report.started_at} to ${report.finished_at}`,
    `- **Why:** ${markdownText(report.reason)}`,
    ...(report.database ? [`- **Where:** ${markdownText(report.database)}`] : []),
    ...(report.despite
      ? [`- **Despite:** ${report.despite.join(', ')} (conditions of the engine that were overridden)`]
      : []),
    `- **Cascade:** ${report.cascade ? 'yes' : 'no'}`,
    `- **Batch:** ${markdownText(report.batch_id)}`,
    `- **Outcome:** ${counted(report.counts)}${report.interrupted ? '; interrupted' : ''}`,
    `- **Settled:** ${stopped(evidence)}`,
    ...(report.sweep_problem
      ? [`- **Late children could not be looked for:** ${markdownText(report.sweep_problem)}`]
      : []),
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
    markdownText(entry.path),
    markdownText(entry.detail),
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
    return `${markdownText(event_type)} ${event_id} of step ${markdownText(step)} by ${markdownText(worker)} at ${at}${ended}`;
  }
  if (stop?.holding.length) {
    return stop.holding
      .map(({ step, worker, since, worker_alive }) => {
        const liveness = worker_alive === null ? 'liveness unknown' : worker_alive ? 'alive' : 'missing or silent';
        return `${markdownText(step)} held by ${markdownText(worker)} (${liveness}) since ${since}`;
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
  return `${verdict} (${phases}) as of ${evidence.as_of}${begunLater(evidence.late)}${evidence.problem ? `; last read failed: ${markdownText(evidence.problem)}` : ''}`;
}

function begunLater({ count, going_on }: NonNullable<IncidentReport['evidence']>['late']): string {
  if (count === 0) return '';
  return `; ${count} started after the cancel, not cancelled by this batch: ${going_on > 0 ? `${going_on} still running` : 'ended since'}`;
}

const counted = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([word, count]) => `${count} ${word}`)
    .join(', ') || 'nothing';

/** One line for each way of having ended: a cascade through a runaway meets hundreds that were over. */
function endedLines(ended: readonly { readonly as: string; readonly execution_id: string }[]): string[] {
  const ids = new Map<string, string[]>();
  for (const { as, execution_id } of ended) ids.set(as, [...(ids.get(as) ?? []), execution_id]);
  return [...ids].map(([as, own]) => {
    const rest = own.length > NAMED ? ` and ${own.length - NAMED} more (all are in a .json report)` : '';
    return `- Already ${as}, skipped: ${own.length} (${own.slice(0, NAMED).join(', ')}${rest})`;
  });
}

/** Plain words: nothing in them that any Markdown, or what a forge makes of its text, could take for more. */
const PLAIN = /^[A-Za-z]+\d{0,3}(?:(?:, |[ /-])[A-Za-z]+\d{0,3})*$/;

/**
 * Text from the database or the operator as it may stand in a Markdown line or table cell. What is more than plain words
 * becomes a code span, the only place where neither HTML nor emphasis nor links nor what forges add afterwards
 * (@mentions, bare addresses, #123, commit ids) is looked for; escapes do not keep those out. A pipe would end a cell
 * even there, so it stands between two spans.
 */
export function markdownText(value: string | null): string {
  if (value === null || value === '') return '–';
  const shown = visibleText(value);
  return PLAIN.test(shown) ? shown : shown.split('|').map(codeSpan).join('\\|');
}

/**
 * The text between more backticks than it has in a row; a space on both sides, which the span does not show, keeps its
 * own backticks away from them and its own spaces there.
 */
function codeSpan(text: string): string {
  if (text === '') return '';
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const gap = /^`|`$|^ .*[^ ].* $/.test(text) ? ' ' : '';
  return `${fence}${gap}${text}${gap}${fence}`;
}
