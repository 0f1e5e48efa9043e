import type { CancelRequest } from '../../domain/cancellation.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import { cancelResults } from '../../service/cancel/cancel-results.js';
import { cancelRequest } from '../args/cancel-request.js';
import { expandDash, readIds } from '../args/ids.js';
import type { CommandContext } from '../command.js';
import { refuseWithoutReason } from '../config/require-reason.js';
import { exitCodeOf, exitCodeOfPlan } from '../output/cancel-exit-code.js';
import { EXIT } from '../output/exit-code.js';
import { followAndReport, noteRoute, tellProgress } from '../output/follow-and-report.js';
import { noteDemoEnds } from '../output/notes.js';
import { printPlan, printPlanJson } from '../output/plan.js';
import { noteRun, printFailureJson, printResults, printResultsJson } from '../output/results.js';

/** `cancel <id>…`, and `--cancel <id>` without a command. */
export async function run(context: CommandContext): Promise<number> {
  const { flags, terminal, signal } = context;
  const request = cancelRequest(flags, flags.on('cascade'));
  const waitMs = flags.duration('wait');
  const ids = readIds(await expandDash(context.input, terminal, signal));
  const file = flags.text('report');
  if (file !== undefined) await (await import('../output/report-file.js')).checkReportFile(file);
  if (signal.aborted) return EXIT.interrupted;
  if (ids.length === 0) {
    terminal.note('No execution ids on standard input; nothing to do.');
    return EXIT.done;
  }
  try {
    return await cancelAll(context, { ids, request, waitMs });
  } catch (error) {
    // Scripts read a line for each id, whatever happened; why is said on stderr too, with the exit code.
    if (flags.on('json')) printFailureJson(ids, error, terminal);
    throw error;
  }
}

async function cancelAll(
  context: CommandContext,
  { ids, request, waitMs }: { ids: readonly ExecutionId[]; request: CancelRequest; waitMs: number | undefined },
): Promise<number> {
  const { flags, terminal, signal } = context;
  const session = await context.open();
  if (!flags.on('dry-run')) refuseWithoutReason(session.layers, flags);
  const { cancel } = session.services;
  const plan = await cancel.plan(ids, {
    cascade: request.cascade,
    signal,
    onProgress: ({ done, total }) => terminal.progress(`Reading the tree: ${done}/${total}`),
  });
  if (flags.on('dry-run')) {
    if (flags.on('json')) printPlanJson(plan, terminal);
    else printPlan(plan, terminal);
    if (plan.unknown.length > 0) noteDemoEnds(session, terminal);
    return exitCodeOfPlan(plan);
  }
  const report = await cancel.run(plan, request, { signal, onProgress: tellProgress(terminal) });
  const results = cancelResults(report);
  // JSON comes last: it holds what the following has seen. The block does not wait for it.
  if (!flags.on('json')) printResults(results, report, terminal);
  noteRun(results, report, terminal);
  noteRoute(session, report, terminal);
  if (plan.unknown.length > 0) noteDemoEnds(session, terminal);
  const { followed, failed } = await followAndReport(context, session, report, waitMs);
  if (flags.on('json')) printResultsJson(results, report, followed, terminal);
  const code = exitCodeOf(results, {
    interrupted: report.interrupted || followed?.interrupted === true,
    sweepProblem: report.sweepProblem,
    allSettled: followed?.snapshot.allSettled ?? null,
  });
  return failed && code === EXIT.done ? EXIT.failed : code;
}
