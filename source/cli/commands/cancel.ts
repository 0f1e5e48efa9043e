import type { CancelPlan, CancelRequest } from '../../domain/cancellation.js';
import type { EpochMs } from '../../domain/execution.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import type { Filter } from '../../domain/filter.js';
import { cancelResults } from '../../service/cancel/cancel-results.js';
import { cancelRequest } from '../args/cancel-request.js';
import { filterOf } from '../args/filter-flags.js';
import { expandDash, readIds } from '../args/ids.js';
import { UsageError } from '../args/usage-error.js';
import type { CommandContext } from '../command.js';
import { refuseBeforeWrite, staleAfterOf } from '../config/layers.js';
import type { Session } from '../open-services.js';
import {
  noteRun,
  printFailureJson,
  printPlan,
  printPlanJson,
  printResults,
  printResultsJson,
} from '../output/cancel.js';
import { EXIT, exitCodeOf, exitCodeOfPlan } from '../output/exit-code.js';
import { checkReportFile, followAndReport, noteRoute, tellProgress } from '../output/follow-and-report.js';
import { noteDemoEnds } from '../output/notes.js';
import {
  type Consent,
  chooseByFilter,
  consentOf,
  noteHealthy,
  printChosen,
  quietSinceOf,
  refusalOf,
} from './cancel-filter.js';

/** `cancel <id>…`, `--cancel <id>` without a command, and `cancel --filter EXPR`. */
export async function run(context: CommandContext): Promise<number> {
  const { flags, terminal, signal } = context;
  const request = cancelRequest(flags, flags.on('cascade'));
  const waitMs = flags.duration('wait');
  const asked = { request, waitMs };
  const file = flags.text('report');
  if (flags.has('filter')) {
    if (context.input.length > 0) throw new UsageError('--filter and execution ids exclude one another');
    const filter = filterOf(flags);
    if (filter.length === 0) throw new UsageError('--filter is empty: it would choose everything');
    const consent = consentOf(flags);
    if (file !== undefined) await checkReportFile(file);
    return cancelChosen(context, filter, consent, asked);
  }
  // `--older-than` is a flag of the console too, and so one that may stand beside `--cancel`.
  if (flags.has('yes') || (flags.has('older-than') && !flags.has('cancel'))) {
    throw new UsageError('--yes and --older-than need --filter');
  }
  if (context.input.length === 0) throw new UsageError('cancel needs an execution id, or --filter EXPR');
  const ids = readIds(await expandDash(context.input, terminal, signal));
  if (file !== undefined) await checkReportFile(file);
  if (signal.aborted) return EXIT.interrupted;
  if (ids.length === 0) {
    terminal.note('No execution ids on standard input; nothing to do.');
    return EXIT.done;
  }
  try {
    return await cancelIds(context, ids, asked);
  } catch (error) {
    // Scripts read a line for each id, whatever happened; why is said on stderr too, with the exit code.
    if (flags.isJson) printFailureJson(ids, error, terminal);
    throw error;
  }
}

interface Asked {
  readonly request: CancelRequest;
  readonly waitMs: number | undefined;
}

async function cancelIds(context: CommandContext, ids: readonly ExecutionId[], asked: Asked): Promise<number> {
  const { flags, terminal } = context;
  const session = await context.open();
  if (!flags.on('dry-run')) refuseBeforeWrite(session.layers, flags);
  const plan = await planned(context, session, ids, asked.request.cascade);
  if (!flags.on('dry-run')) return write(context, session, plan, asked);
  printPlanned(context, plan, () => printPlan(plan, terminal));
  if (plan.unknown.length > 0) noteDemoEnds(session, terminal);
  return exitCodeOfPlan(plan);
}

/** Without `--yes` the plan is shown, with its evidence, and nothing is written. */
async function cancelChosen(context: CommandContext, filter: Filter, consent: Consent, asked: Asked): Promise<number> {
  const { flags, terminal, signal } = context;
  const session = await context.open();
  if (!flags.on('dry-run')) refuseBeforeWrite(session.layers, flags);
  const staleAfterMs = staleAfterOf(session.layers, flags);
  const chosen = await chooseByFilter(session.services, filter, { staleAfterMs, signal });
  noteHealthy(chosen, terminal);
  if (chosen.targets.length === 0) {
    terminal.note('Nothing to cancel: no execution that has not ended matches.');
    return EXIT.nothingToCancel;
  }
  const ids = chosen.targets.map(({ execution }) => execution.executionId);
  const plan = await planned(context, session, ids, asked.request.cascade);
  const refusal = refusalOf(chosen, plan, consent);
  if (!flags.on('dry-run') && refusal === null) {
    return write(context, session, plan, asked, quietSinceOf(chosen, plan));
  }
  printPlanned(context, plan, () => printChosen(chosen, plan, terminal, flags.form));
  if (refusal !== null) terminal.note(`noetl-console: ${refusal}`);
  return flags.on('dry-run') ? exitCodeOfPlan(plan) : EXIT.usage;
}

const planned = (
  { signal, terminal }: CommandContext,
  { services }: Session,
  ids: readonly ExecutionId[],
  cascade: boolean,
): Promise<CancelPlan> =>
  services.cancel.plan(ids, {
    cascade,
    signal,
    onProgress: ({ done, total }) => terminal.progress(`Reading the tree: ${done}/${total}`),
  });

function printPlanned({ flags, terminal }: CommandContext, plan: CancelPlan, printText: () => void): void {
  if (flags.isJson) printPlanJson(plan, terminal);
  else if (flags.form === 'name') for (const { executionId } of plan.targets) terminal.print(executionId);
  else printText();
}

/** Writes a plan, prints what became of each id, and follows it where that is asked for. */
async function write(
  context: CommandContext,
  session: Session,
  plan: CancelPlan,
  { request, waitMs }: Asked,
  quietSince?: EpochMs,
): Promise<number> {
  const { flags, terminal, signal } = context;
  const report = await session.services.cancel.run(plan, request, {
    signal,
    quietSince,
    onProgress: tellProgress(terminal),
  });
  const results = cancelResults(report);
  // JSON comes last: it holds what the following has seen. The block does not wait for it.
  if (flags.form === 'name') {
    for (const outcome of report.outcomes) if (outcome.kind === 'cancelled') terminal.print(outcome.executionId);
  } else if (!flags.isJson) printResults(results, report, terminal);
  noteRun(results, report, terminal);
  noteRoute(session, report, terminal);
  if (plan.unknown.length > 0) noteDemoEnds(session, terminal);
  const { followed, failed } = await followAndReport(context, session, report, waitMs);
  if (flags.isJson) printResultsJson(results, report, followed, terminal);
  const code = exitCodeOf(results, {
    interrupted: report.interrupted || followed?.interrupted === true,
    sweepProblem: report.sweepProblem,
    allSettled: followed?.snapshot.allSettled ?? null,
  });
  return failed && code === EXIT.done ? EXIT.failed : code;
}
