import { DEFAULT_STALE_AFTER_MS } from '../../domain/execution-status.js';
import type { RunawayThresholds } from '../../domain/runaway/facts.js';
import { counted } from '../../domain/runaway/sentences.js';
import { executionJson, isoTime, runawayJson } from '../../service/json/execution-json.js';
import { pause } from '../../service/pause.js';
import type { RunawayExecution, RunawayOptions, RunawayReport } from '../../service/runaway/runaway.js';
import { formatDuration } from '../../text/duration.js';
import { compileGlob } from '../../text/glob.js';
import { visibleJson } from '../../text/visible-text.js';
import type { Flags } from '../args/parsed-flags.js';
import type { CommandContext } from '../command.js';
import { EXIT } from '../output/exit-code.js';
import { runawayTable } from '../output/runaway-table.js';
import { type Terminal, tableWidth } from '../output/terminal.js';
import { retryUntilAborted } from '../retry-until-aborted.js';

/** Slower than a list: what runs away shows over minutes, and every round reads the running executions' commands. */
const WATCH_MS = 15_000;
const HOME_AND_CLEAR = '\u001b[H\u001b[J';

interface Asked {
  readonly options: RunawayOptions & { readonly staleAfterMs: number };
  readonly limit: number | undefined;
}

/** `runaway`: running executions that behave unlike their playbook. */
export async function run(context: CommandContext): Promise<number> {
  const { flags, terminal, signal } = context;
  const asked = askedBy(flags);
  const { services } = await context.open();
  const read = () => services.runaway.find({ ...asked.options, signal });
  if (flags.on('watch')) return watch(context, asked, read);
  const report = await read();
  if (flags.on('json')) printJson(report.found.slice(0, asked.limit), report, asked, terminal);
  else printReport(report, asked, terminal);
  return EXIT.done;
}

/** @throws UsageError */
function askedBy(flags: Flags): Asked {
  const path = flags.text('path');
  const pattern = path === undefined ? null : compileGlob(path);
  const count = (name: string) => flags.integer(name, { least: 0, most: 1_000_000 });
  const given: Partial<Record<keyof RunawayThresholds, number | undefined>> = {
    factor: count('factor'),
    minRepeats: count('min-repeats'),
    minAttempts: count('min-attempts'),
    runFactor: count('run-factor'),
    minRunMs: flags.duration('min-run'),
    minRunAloneMs: flags.duration('min-run'),
  };
  const thresholds: Partial<RunawayThresholds> = Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  );
  return {
    options: {
      thresholds,
      staleAfterMs: flags.duration('older-than') ?? DEFAULT_STALE_AFTER_MS,
      ...(pattern ? { wanted: (execution) => execution.path !== null && pattern(execution.path) } : {}),
    },
    limit: flags.integer('limit', { least: 1, most: 1_000_000 }),
  };
}

/** As `list --watch`: painted in place on a terminal, elsewhere each execution again when its evidence changed. */
async function watch(context: CommandContext, asked: Asked, read: () => Promise<RunawayReport>): Promise<number> {
  const { flags, terminal, signal } = context;
  const ended = AbortSignal.any([signal, terminal.unread]);
  const isPainted = terminal.stdout.isTTY === true && !flags.on('json');
  const seen = new Map<string, string>();
  while (!ended.aborted) {
    const report = await retryUntilAborted(read, terminal, ended);
    if (!report) break;
    if (isPainted) {
      terminal.write(HOME_AND_CLEAR);
      terminal.print(terminal.style.dim(`${isoTime(report.asOf)}  every 15 s, Ctrl-C ends`));
      printReport(report, asked, terminal);
    } else {
      const changed = report.found.slice(0, asked.limit).filter(({ runaway }) => {
        const mark = `${runaway.code} ${runaway.evidence.sentence}`;
        if (seen.get(runaway.executionId) === mark) return false;
        seen.set(runaway.executionId, mark);
        return true;
      });
      if (flags.on('json')) printJson(changed, report, asked, terminal);
      else if (changed.length > 0) printReport({ ...report, found: changed }, asked, terminal);
    }
    await pause(WATCH_MS, ended);
  }
  return signal.aborted ? EXIT.interrupted : EXIT.done;
}

function printJson(
  found: readonly RunawayExecution[],
  { asOf }: RunawayReport,
  asked: Asked,
  terminal: Terminal,
): void {
  const clock = { now: asOf, staleAfterMs: asked.options.staleAfterMs };
  for (const { execution, runaway } of found) {
    terminal.print(visibleJson({ ...executionJson(execution, clock), ...runawayJson(runaway) }));
  }
}

function printReport(report: RunawayReport, { limit, options }: Asked, terminal: Terminal): void {
  const { found, examined } = report;
  if (found.length === 0) {
    const active = `with an event in the last ${formatDuration(options.staleAfterMs)}`;
    terminal.note(
      `No runaway executions: ${counted(examined)} running execution${examined === 1 ? '' : 's'} ${active}.`,
    );
    return;
  }
  const shown = found.slice(0, limit);
  for (const line of runawayTable(shown, report.asOf, terminal.style, tableWidth(terminal))) terminal.print(line);
  if (shown.length < found.length) terminal.note(`${shown.length} of ${found.length}; --limit shows more.`);
  terminal.note(`${found.length} of ${counted(examined)} running: noetl-console cancel <id> --cascade stops one.`);
}
