import { CONDITION_CODES } from '../../domain/conditions/conditions.js';
import { STALE_CODES } from '../../domain/staleness/staleness-types.js';
import type { CleanupPlan, CleanupReport, CleanupService } from '../../service/cleanup/cleanup.js';
import { CleanupBlocked, CleanupRefused } from '../../service/cleanup/rules.js';
import { visibleText } from '../../text/visible-text.js';
import { cancelRequest } from '../args/cancel-request.js';
import { staleChosenBy } from '../args/filter-flags.js';
import { UsageError } from '../args/usage-error.js';
import type { CommandContext } from '../command.js';
import { staleAfterOf } from '../config/layers.js';
import { refuseWithoutReason } from '../config/require-reason.js';
import { cleanupPlanJson, cleanupReportJson, printCleanupPlan, printCleanupReport } from '../output/cleanup.js';
import { EXIT } from '../output/exit-code.js';
import { followAndReport, noteRoute } from '../output/follow-and-report.js';
import type { FollowUp } from '../output/follow-up.js';
import { noteRefusal } from '../output/notes.js';
import { checkReportFile } from '../output/report-file.js';
import { runRehearsal } from './cleanup-rehearsal.js';

const DEFAULT_REASON = 'Cleanup stale execution';
const MAX_RATE = 100_000;

/** `cleanup`: cancels what is stale and safe to cancel, and reports what it skipped and why. */
export async function run(context: CommandContext): Promise<number> {
  const { flags, terminal, signal } = context;
  // The choices of the flag are these codes.
  const include = STALE_CODES.filter((code) => flags.texts('include').includes(code));
  if (flags.has('rehearse')) return runRehearsal(context, include);
  const request = cancelRequest(flags, false, DEFAULT_REASON);
  const waitMs = flags.duration('wait');
  const rate = flags.integer('rate', { least: 1, most: MAX_RATE });
  const limit = flags.integer('limit', { least: 1, most: 1_000_000 });
  const wanted = staleChosenBy(flags) ?? undefined;
  const despite = CONDITION_CODES.filter((code) => flags.texts('despite').includes(code));
  const file = flags.text('report');
  if (file !== undefined) await checkReportFile(file);
  const session = await context.open();
  if (!flags.on('dry-run')) refuseWithoutReason(session.layers, flags);
  const olderThanMs = staleAfterOf(session.layers, flags);
  const { cleanup } = session.services;
  const options = { olderThanMs, include, despite, signal, limit, wanted };
  const plan = await planned(cleanup, options);
  if (plan.warning !== null) terminal.note(`noetl-console: warning: ${plan.warning}`);
  if (flags.on('dry-run')) {
    if (flags.isJson) for (const line of cleanupPlanJson(plan)) terminal.print(line);
    else if (flags.form === 'name') for (const { execution } of plan.targets) terminal.print(execution.executionId);
    else printCleanupPlan(plan, terminal, flags.form);
    if (plan.refusedBy.length === 0) return EXIT.done;
    noteRefusal(plan.refusedBy, terminal);
    return EXIT.refused;
  }
  const report = await ran(cleanup, terminal, plan, request, {
    signal,
    ratePerSecond: rate,
    onProgress: ({ done, total }) => terminal.progress(`Cleaning up: ${done}/${total}`),
  });
  if (report === null) return EXIT.refused;
  if (flags.form === 'name') for (const { executionId } of report.cancelled) terminal.print(executionId);
  else if (!flags.isJson) printCleanupReport(report, terminal);
  noteRoute(session, report.cancel, terminal);
  const { despite: overridden = [] } = report.cancel.request;
  if (overridden.length > 0) terminal.note(`noetl-console: overridden: ${overridden.join(', ')}`);
  if (report.failure !== null) terminal.note(visibleText(`noetl-console: stopped early: ${report.failure}`));
  if (report.interrupted) terminal.note('noetl-console: interrupted; the same command again does the rest');
  const { followed, failed } = await followAndReport(context, session, report.cancel, waitMs);
  if (flags.isJson) for (const line of cleanupReportJson(report, followed)) terminal.print(line);
  return exitCode(report, followed, failed);
}

async function planned(cleanup: CleanupService, options: Parameters<CleanupService['plan']>[0]): Promise<CleanupPlan> {
  try {
    return await cleanup.plan(options);
  } catch (error) {
    if (error instanceof CleanupRefused) throw new UsageError(`--older-than: ${error.message}`);
    throw error;
  }
}

/** Null where it was refused, which has been said by then. */
async function ran(
  cleanup: CleanupService,
  terminal: CommandContext['terminal'],
  ...run: Parameters<CleanupService['run']>
): Promise<CleanupReport | null> {
  try {
    return await cleanup.run(...run);
  } catch (error) {
    if (!(error instanceof CleanupBlocked)) throw error;
    noteRefusal(error.conditions, terminal);
    return null;
  }
}

/** Skipping what resumed or ended meanwhile is what was asked for; what failed or was not tried is not. */
function exitCode(report: CleanupReport, followed: FollowUp | null, failed: boolean): number {
  if (report.interrupted || followed?.interrupted) return EXIT.interrupted;
  if (report.failure !== null || report.skipped.some(({ why }) => why === 'failed' || why === 'outcome-unknown')) {
    return report.cancelled.length > 0 ? EXIT.partlyDone : EXIT.failed;
  }
  if (failed) return EXIT.failed;
  return followed && !followed.snapshot.allSettled ? EXIT.notSettled : EXIT.done;
}
