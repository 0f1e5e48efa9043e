import type { EngineState } from '../../domain/conditions/conditions.js';
import { NO_PATH } from '../../domain/execution.js';
import { type StaleReport, summarise } from '../../service/diagnose/stale-summary.js';
import { executionJson } from '../../service/json.js';
import { formatDuration } from '../../text/duration.js';
import { visibleJson } from '../../text/visible-text.js';
import { plural } from '../../text/words.js';
import { staleChosenBy } from '../args/filter-flags.js';
import type { CommandContext } from '../command.js';
import { staleAfterOf } from '../config/layers.js';
import { STALE_COLUMNS, sorted, staleKeys } from '../output/execution-table.js';
import { EXIT } from '../output/exit-code.js';
import { engineLines, noteEngine } from '../output/notes.js';
import { readActive } from '../output/read-progress.js';
import { printTable } from '../output/table.js';
import type { Terminal } from '../output/terminal.js';
import { watch } from '../watch.js';

interface Found {
  /** What was chosen, in the order that is asked for. */
  readonly report: StaleReport;
  readonly engine: EngineState;
}

/** `stale`: executions that have not ended and fell silent, each with its diagnosis. */
export async function run(context: CommandContext): Promise<number> {
  const { flags, terminal, signal } = context;
  const limit = flags.integer('limit', { least: 1, most: 1_000_000 });
  const isChosen = staleChosenBy(flags);
  // Checked before connecting: wrong input needs no database to be refused.
  flags.duration('older-than');
  const session = await context.open();
  const olderThanMs = staleAfterOf(session.layers, flags);
  const { store, conditions, diagnose } = session.services;
  const read = async (active = store.activeExecutions({ signal })): Promise<Found> => {
    const all = await diagnose.diagnoseStale({ olderThanMs, signal, active });
    const engine = await conditions.read({ maxAgeMs: Number.POSITIVE_INFINITY, signal });
    const clock = { now: all.asOf, staleAfterMs: olderThanMs };
    const chosen = isChosen ? all.stale.filter((one) => isChosen(one, clock)) : all.stale;
    const stale = sorted(chosen, flags.text('sort'), staleKeys(all.asOf));
    return { report: isChosen ? { ...all, stale, ...judged(all, summarise(stale)) } : { ...all, stale }, engine };
  };
  const print = (found: Found, rows: StaleReport['stale'], to: Terminal) =>
    printFound(found, rows, { form: flags.form, isChosen: isChosen !== null }, to);
  const found = await read(readActive(store, terminal, signal));
  const shown = ({ report }: Found) => report.stale.slice(0, limit);
  if (!flags.on('watch')) {
    print(found, shown(found), terminal);
    return EXIT.done;
  }
  return watch(
    context,
    {
      everySeconds: 5,
      read: () => read(),
      asOf: ({ report }) => report.asOf,
      rows: shown,
      key: ({ execution }) => execution.executionId,
      mark: ({ execution, diagnosis }) => `${execution.lastEvent.eventId} ${diagnosis.code} ${diagnosis.safe}`,
      print,
    },
    found,
  );
}

/** Counts that call no code safe which the engine's state does not allow to. */
function judged(all: StaleReport, counts: ReturnType<typeof summarise>): ReturnType<typeof summarise> {
  const safe = new Set(all.byCode.flatMap((each) => (each.safe ? each.code : [])));
  const byCode = counts.byCode.map((each) => ({ ...each, safe: safe.has(each.code) }));
  const byPath = safe.size > 0 ? counts.byPath : counts.byPath.map((each) => ({ ...each, safe: 0 }));
  return { ...counts, byCode, byPath };
}

function printFound(
  { report, engine }: Found,
  rows: StaleReport['stale'],
  { form, isChosen }: { form: string | null; isChosen: boolean },
  terminal: Terminal,
): void {
  if (form === 'json' || form === 'name') {
    // Standard output holds one object or id for each execution and nothing else.
    if (form === 'json') noteEngine(engine, terminal);
    const clock = { now: report.asOf, staleAfterMs: report.olderThanMs };
    for (const { execution, diagnosis } of rows) {
      terminal.print(form === 'name' ? execution.executionId : visibleJson(executionJson(execution, clock, diagnosis)));
    }
    return;
  }
  const { held, unknown } = engineLines(engine);
  for (const line of held) terminal.print(line);
  for (const line of unknown) terminal.note(`noetl-console: ${line}`);
  if (report.stale.length === 0) {
    const what = isChosen ? 'Nothing that matches' : 'Nothing';
    terminal.note(`${what} has been silent for more than ${formatDuration(report.olderThanMs)}.`);
    return;
  }
  printTable(rows, STALE_COLUMNS, terminal, form);
  if (rows.length < report.stale.length) {
    terminal.note(`${rows.length} of ${report.stale.length}; --limit shows more.`);
  }
  printCounts(report, terminal);
}

/** The stale executions counted by code and by playbook. */
function printCounts({ stale, byCode, byPath, cohorts }: StaleReport, terminal: Terminal): void {
  terminal.print('');
  printTable(
    byCode,
    [
      { title: 'WHY', cell: ({ code }) => code },
      { title: 'EXECUTIONS', cell: ({ count }) => String(count), align: 'right' },
      { title: 'SAFE', cell: ({ safe }) => (safe ? 'yes' : 'no') },
    ],
    terminal,
  );
  terminal.print('');
  printTable(
    byPath,
    [
      { title: 'PLAYBOOK', cell: ({ path }) => path ?? NO_PATH, least: 16 },
      { title: 'EXECUTIONS', cell: ({ count }) => String(count), align: 'right' },
      { title: 'SAFE', cell: ({ safe }) => String(safe), align: 'right' },
    ],
    terminal,
  );
  for (const { cohort, executionIds } of cohorts) {
    terminal.print(terminal.style.dim(`Imported together at ${cohort}: ${plural(executionIds.length, 'execution')}`));
  }
  const safe = byCode.reduce((sum, each) => sum + (each.safe ? each.count : 0), 0);
  terminal.note(
    `${stale.length} stale, ${safe} safe to clean up: noetl-console cleanup --dry-run shows what it would do.`,
  );
}
