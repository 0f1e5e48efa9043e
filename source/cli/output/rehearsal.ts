import type { Finding } from '../../domain/rehearsal/rehearse.js';
import type { RehearsalVerdict } from '../../domain/rehearsal/totals.js';
import { counted } from '../../domain/runaway/facts.js';
import type { RehearsalReport } from '../../service/cleanup/rehearsal/rehearsal.js';
import { isoTime } from '../../service/json.js';
import { formatDuration } from '../../text/duration.js';
import { visibleJson } from '../../text/visible-text.js';
import { type Column, table } from './table.js';
import { type Terminal, tableWidth } from './terminal.js';

/** The two answers of a rehearsal, in the words of text and JSON. */
const ANSWERS = [
  {
    key: 'asKnown',
    name: 'liveness_unknown',
    title: 'Worker liveness unknown (heartbeats of the past are not kept; a claim counts as live)',
  },
  {
    key: 'workersLost',
    name: 'workers_lost',
    title: 'Worst case: every worker counted as lost, no recovery running',
  },
] as const;

/** A log that begins this much later than asked for is worth a line. */
const SHORT_BY = 0.05;

export function printRehearsal(report: RehearsalReport, limit: number, terminal: Terminal): void {
  const { from, asOf, olderThanMs, events, silences, silentExecutions } = report;
  const asked = formatDuration(asOf - from);
  terminal.print(
    `Rehearsal: nothing was written. The last ${asked}, ${counted(events)} events: ${counted(silences)} silence${silences === 1 ? '' : 's'} longer than ${formatDuration(olderThanMs)} in ${counted(silentExecutions)} execution${silentExecutions === 1 ? '' : 's'}.`,
  );
  const reach = reachOf(report);
  if (reach) terminal.print(reach);
  for (const { key, title } of ANSWERS) {
    terminal.print('');
    terminal.print(terminal.style.bold(title));
    printVerdict(report[key], olderThanMs, limit, terminal);
  }
  if (report.notJudged.length > 0) {
    terminal.print('');
    terminal.print(`Not judged: ${report.notJudged.length}`);
    for (const { executionId, why } of report.notJudged.slice(0, limit)) terminal.print(`  - ${executionId}: ${why}`);
    printMore(report.notJudged.length - limit, terminal);
  }
}

/** How far the log reaches, where that is less than was asked for; null where it is not. */
function reachOf({ from, asOf, firstEventAt }: RehearsalReport): string | null {
  const asked = formatDuration(asOf - from);
  if (firstEventAt === null) return `The log has no event in the last ${asked}.`;
  if (firstEventAt - from <= (asOf - from) * SHORT_BY) return null;
  return `The first event of the last ${asked} is ${formatDuration(asOf - firstEventAt)} old (${isoTime(firstEventAt)}): no more than that was rehearsed.`;
}

function printVerdict(verdict: RehearsalVerdict, olderThanMs: number, limit: number, terminal: Terminal): void {
  if (verdict.cancelled === 0) {
    terminal.print('Would have cancelled nothing.');
    return;
  }
  const total = { code: 'all', ...verdict, givenUp: verdict.byCode.reduce((sum, { givenUp }) => sum + givenUp, 0) };
  for (const line of table([...verdict.byCode, total], BY_CODE, terminal.style, tableWidth(terminal))) {
    terminal.print(line);
  }
  const harmed = verdict.findings.filter(({ later }) => later === 'went-on');
  if (harmed.length === 0) {
    terminal.print('None of these went on later.');
    return;
  }
  terminal.print('');
  terminal.print(`Went on later (${counted(harmed.length)}):`);
  for (const line of table(harmed.slice(0, limit), WENT_ON, terminal.style, tableWidth(terminal))) terminal.print(line);
  printMore(harmed.length - limit, terminal);
  terminal.print('');
  const ladder = table(verdict.ladder, LADDER, terminal.style, tableWidth(terminal));
  for (const line of ladder) terminal.print(line);
  terminal.print(
    verdict.sparedFromMs === null
      ? `${formatDuration(olderThanMs)} would have spared all of them.`
      : `--older-than ${preciseDuration(verdict.sparedFromMs)} would have spared all of them.`,
  );
}

const printMore = (more: number, terminal: Terminal): void => {
  if (more > 0) terminal.print(`  … ${counted(more)} more; --limit shows more, --json all of them`);
};

/** As a flag takes it, to the second: a coarse one would be shorter than the silence that it must exceed. */
export function preciseDuration(ms: number): string {
  let rest = Math.ceil(ms / 1000);
  const parts = (
    [
      ['d', 86_400],
      ['h', 3600],
      ['m', 60],
      ['s', 1],
    ] as const
  ).flatMap(([unit, seconds]) => {
    const count = Math.floor(rest / seconds);
    rest -= count * seconds;
    return count > 0 ? [`${count}${unit}`] : [];
  });
  return parts.join('') || '0s';
}

const BY_CODE: readonly Column<{ code: string; cancelled: number; wentOn: number; givenUp: number }>[] = [
  { title: 'WHY', cell: ({ code }) => code },
  { title: 'WOULD HAVE CANCELLED', cell: ({ cancelled }) => counted(cancelled), align: 'right' },
  { title: 'WENT ON LATER', cell: ({ wentOn }) => counted(wentOn), align: 'right' },
  { title: 'ONLY ENDED AS FAILED', cell: ({ givenUp }) => counted(givenUp), align: 'right', drop: 1 },
];

const LADDER: readonly Column<RehearsalVerdict['ladder'][number]>[] = [
  { title: 'OLDER THAN', cell: ({ olderThanMs }) => formatDuration(olderThanMs), align: 'right' },
  { title: 'WOULD HAVE CANCELLED', cell: ({ cancelled }) => counted(cancelled), align: 'right' },
  { title: 'WENT ON LATER', cell: ({ wentOn }) => counted(wentOn), align: 'right' },
];

const WENT_ON: readonly Column<Finding>[] = [
  { title: 'WHY', cell: ({ code }) => code },
  { title: 'EXECUTION', cell: ({ executionId }) => executionId },
  { title: 'SILENT SINCE', cell: ({ silentSince }) => isoTime(silentSince) ?? '–', drop: 1 },
  {
    title: 'WENT ON AFTER',
    cell: ({ silentSince, wentOnWith }) => (wentOnWith ? formatDuration(wentOnWith.at - silentSince) : '–'),
    align: 'right',
  },
  { title: 'WITH', cell: ({ wentOnWith }) => wentOnWith?.type ?? '–', drop: 2 },
  { title: 'PLAYBOOK', cell: ({ path }) => path ?? '–', least: 12, drop: 3 },
];

/** One line an execution and answer that would have been cancelled, then one of the whole. */
export function rehearsalJson(report: RehearsalReport): string[] {
  const lines = ANSWERS.flatMap(({ key, name }) =>
    report[key].findings.map((finding) =>
      visibleJson({
        status: 'would_have_cancelled',
        execution_id: finding.executionId,
        path: finding.path,
        assuming: name,
        code: finding.code,
        silent_since: isoTime(finding.silentSince),
        judged_at: isoTime(finding.at),
        evidence: finding.sentence,
        later: finding.later.replace('-', '_'),
        went_on_at: finding.wentOnWith && isoTime(finding.wentOnWith.at),
        went_on_with: finding.wentOnWith?.type ?? null,
      }),
    ),
  );
  const { asOf, from, firstEventAt, olderThanMs, codes, events, silences, silentExecutions, notJudged } = report;
  const summary = {
    status: 'rehearsal',
    as_of: isoTime(asOf),
    from: isoTime(from),
    first_event_at: firstEventAt === null ? null : isoTime(firstEventAt),
    older_than_seconds: olderThanMs / 1000,
    codes: [...codes],
    events,
    silences,
    silent_executions: silentExecutions,
    ...Object.fromEntries(ANSWERS.map(({ key, name }) => [name, verdictJson(report[key])])),
    not_judged: notJudged.map(({ executionId, why }) => ({ execution_id: executionId, why })),
  };
  return [...lines, visibleJson(summary)];
}

const verdictJson = ({ cancelled, wentOn, byCode, ladder, sparedFromMs }: RehearsalVerdict) => ({
  would_have_cancelled: cancelled,
  went_on_later: wentOn,
  by_code: byCode.map(({ code, cancelled: all, wentOn: harmed, givenUp }) => ({
    code,
    would_have_cancelled: all,
    went_on_later: harmed,
    only_ended_as_failed: givenUp,
  })),
  ladder: ladder.map(({ olderThanMs, cancelled: all, wentOn: harmed }) => ({
    older_than_seconds: olderThanMs / 1000,
    would_have_cancelled: all,
    went_on_later: harmed,
  })),
  spared_from_seconds: sparedFromMs === null ? null : sparedFromMs / 1000,
});
