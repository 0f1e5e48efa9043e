import { type Filter, passes } from '../../domain/filter.js';
import { counted, type RunawayThresholds } from '../../domain/runaway/facts.js';
import { factsOf } from '../../service/filter-facts.js';
import { executionJson, runawayJson } from '../../service/json.js';
import type { RunawayExecution, RunawayReport } from '../../service/runaway.js';
import { formatDuration } from '../../text/duration.js';
import { visibleJson } from '../../text/visible-text.js';
import { filterOf } from '../args/filter-flags.js';
import type { Flags } from '../args/parsed-flags.js';
import type { CommandContext } from '../command.js';
import { staleAfterOf } from '../config/layers.js';
import { runawayColumns, runawayKeys, sorted } from '../output/execution-table.js';
import { EXIT } from '../output/exit-code.js';
import { printTable } from '../output/table.js';
import type { Terminal } from '../output/terminal.js';
import { watch } from '../watch.js';

/** Slower than a list: what runs away shows over minutes, and every round reads the running executions' commands. */
const WATCH_SECONDS = 15;

/** `runaway`: running executions that behave unlike their playbook. */
export async function run(context: CommandContext): Promise<number> {
  const { flags, terminal, signal } = context;
  const thresholds = thresholdsOf(flags);
  const words = filterOf(flags);
  // Times are compared by the database's clock, which is known with the answer.
  const ofRow = words.filter(({ term }) => ['path', 'parent', 'id', 'step', 'worker', 'text'].includes(term.kind));
  const limit = flags.integer('limit', { least: 1, most: 1_000_000 });
  // Checked before connecting: wrong input needs no database to be refused.
  flags.duration('older-than');
  const { services, layers } = await context.open();
  const staleAfterMs = staleAfterOf(layers, flags);
  const read = async () => {
    // Asking what an execution did costs reads: those that its row rules out already are not asked about.
    const report = await services.runaway.find({
      thresholds,
      staleAfterMs,
      signal,
      wanted: (execution) => passes(ofRow, factsOf(execution), { now: Date.now(), staleAfterMs }),
    });
    const found = report.found.filter((one) => isChosen(one, words, flags, { now: report.asOf, staleAfterMs }));
    return { ...report, found: sorted(found, flags.text('sort'), runawayKeys(report.asOf)) };
  };
  const print = (report: RunawayReport, rows: readonly RunawayExecution[], to: Terminal) =>
    printReport(report, rows, { form: flags.form, staleAfterMs }, to);
  const shown = ({ found }: RunawayReport) => found.slice(0, limit);
  const report = await read();
  if (!flags.on('watch')) {
    print(report, shown(report), terminal);
    return EXIT.done;
  }
  return watch(
    context,
    {
      everySeconds: WATCH_SECONDS,
      read,
      asOf: ({ asOf }) => asOf,
      rows: shown,
      key: ({ execution }) => execution.executionId,
      mark: ({ runaway }) => `${runaway.code} ${runaway.evidence.sentence}`,
      print,
    },
    report,
  );
}

const isChosen = (
  { execution, runaway }: RunawayExecution,
  words: Filter,
  flags: Flags,
  clock: { now: number; staleAfterMs: number },
): boolean => {
  const codes = flags.texts('why');
  return (codes.length === 0 || codes.includes(runaway.code)) && passes(words, factsOf(execution, { runaway }), clock);
};

/** @throws UsageError */
function thresholdsOf(flags: Flags): Partial<RunawayThresholds> {
  const count = (name: string) => flags.integer(name, { least: 0, most: 1_000_000 });
  const given: Partial<Record<keyof RunawayThresholds, number | undefined>> = {
    factor: count('factor'),
    minRepeats: count('min-repeats'),
    minAttempts: count('min-attempts'),
    runFactor: count('run-factor'),
    minRunMs: flags.duration('min-run'),
    minRunAloneMs: flags.duration('min-run'),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function printReport(
  { found, examined, asOf }: RunawayReport,
  rows: readonly RunawayExecution[],
  { form, staleAfterMs }: { form: string | null; staleAfterMs: number },
  terminal: Terminal,
): void {
  if (form === 'json' || form === 'name') {
    for (const { execution, runaway } of rows) {
      const body = { ...executionJson(execution, { now: asOf, staleAfterMs }), ...runawayJson(runaway) };
      terminal.print(form === 'name' ? execution.executionId : visibleJson(body));
    }
    return;
  }
  if (found.length === 0) {
    const active = `with an event in the last ${formatDuration(staleAfterMs)}`;
    terminal.note(
      `No runaway executions: ${counted(examined)} running execution${examined === 1 ? '' : 's'} ${active}.`,
    );
    return;
  }
  printTable(rows, runawayColumns(asOf), terminal, form);
  if (rows.length < found.length) terminal.note(`${rows.length} of ${found.length}; --limit shows more.`);
  terminal.note(`${found.length} of ${counted(examined)} running: noetl-console cancel <id> --cascade stops one.`);
}
