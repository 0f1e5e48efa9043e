import type { StaleReport } from '../../service/diagnose/stale-summary.js';
import { executionJson } from '../../service/json/execution-json.js';
import { formatDuration } from '../../text/duration.js';
import { visibleJson } from '../../text/visible-text.js';
import type { CommandContext } from '../command.js';
import { staleAfterOf } from '../config/layers.js';
import { EXIT } from '../output/exit-code.js';
import { engineLines, noteEngine } from '../output/notes.js';
import { printStale } from '../output/stale-report.js';

/** `stale`: executions to end that fell silent, each with its diagnosis. */
export async function run(context: CommandContext): Promise<number> {
  const { flags, terminal, signal } = context;
  const limit = flags.integer('limit', { least: 1, most: 1_000_000 });
  const session = await context.open();
  const olderThanMs = staleAfterOf(session.layers, flags);
  const { conditions, diagnose } = session.services;
  terminal.progress('Reading what has not ended…');
  const report = await diagnose.diagnoseStale({ olderThanMs, signal });
  const engine = await conditions.read({ maxAgeMs: Number.POSITIVE_INFINITY, signal });
  const shown = limit === undefined ? report.stale : report.stale.slice(0, limit);
  if (flags.on('json')) {
    // Standard output holds one object an execution and nothing else.
    noteEngine(engine, terminal);
    const clock = { now: report.asOf, staleAfterMs: olderThanMs };
    for (const { execution, diagnosis } of shown) {
      terminal.print(visibleJson(executionJson(execution, clock, diagnosis)));
    }
    return EXIT.done;
  }
  const { held, unknown } = engineLines(engine);
  for (const line of held) terminal.print(line);
  for (const line of unknown) terminal.note(`noetl-console: ${line}`);
  if (report.stale.length === 0) terminal.note(`Nothing has been silent for more than ${formatDuration(olderThanMs)}.`);
  else printStale({ ...report, stale: shown } satisfies StaleReport, report.stale.length, terminal);
  return EXIT.done;
}
