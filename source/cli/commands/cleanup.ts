import { CONDITION_CODES } from '../../domain/conditions/conditions.js';
import { DEFAULT_STALE_AFTER_MS } from '../../domain/execution-status.js';
import { STALE_CODES, type StaleCode } from '../../domain/staleness/staleness-types.js';
import type { CleanupPlan, CleanupReport, CleanupService } from '../../service/cleanup/cleanup.js';
import { type RehearsalReport, rehearseCleanup } from '../../service/cleanup/rehearsal/rehearsal.js';
import { CleanupBlocked, CleanupRefused } from '../../service/cleanup/rules.js';
import { formatDuration } from '../../text/duration.js';
import { compileGlob } from '../../text/glob.js';
import { visibleText } from '../../text/visible-text.js';
import { cancelRequest } from '../args/cancel-request.js';
import { staleChosenBy } from '../args/filter-flags.js';
import type { Flags } from '../args/parsed-flags.js';
import { UsageError } from '../args/usage-error.js';
import type { CommandContext } from '../command.js';
import { refuseBeforeWrite, staleAfterOf } from '../config/layers.js';
import { cleanupPlanJson, cleanupReportJson, printCleanupPlan, printCleanupReport } from '../output/cleanup.js';
import { EXIT } from '../output/exit-code.js';
import { checkReportFile, type FollowUp, followAndReport, noteRoute } from '../output/follow-and-report.js';
import { noteRefusal } from '../output/notes.js';
import { printRehearsal, rehearsalJson } from '../output/rehearsal.js';

/** What only means something where something is written. */
const WRITING_FLAGS = ['wait', 'report', 'rate', 'despite'] as const;
/** What can only be asked of executions as they are now. */
const PRESENT_FLAGS = ['filter', 'why'] as const;
const SHORTEST_WINDOW_MS = 60_000;
/** Ids of each list that are printed without --limit; --json prints all. */
const IDS_PRINTED = 10;

/** `cleanup --rehearse`: what a cleanup would have done in the past; writes nothing. */
async function runRehearsal(context: CommandContext, include: readonly StaleCode[]): Promise<number> {
  const { flags, terminal, signal } = context;
  const against = WRITING_FLAGS.find((name) => flags.has(name));
  if (against) throw new UsageError(`--${against} has no meaning with --rehearse, which cancels nothing`);
  const present = PRESENT_FLAGS.find((name) => flags.has(name));
  if (present) throw new UsageError(`--${present} cannot be rehearsed: a rehearsal takes --path alone`);
  const windowMs = flags.duration('rehearse') ?? 0;
  if (windowMs < SHORTEST_WINDOW_MS) throw new UsageError('--rehearse needs 1m or more of the past, such as 30d');
  const olderThanMs = flags.duration('older-than') ?? DEFAULT_STALE_AFTER_MS;
  const limit = flags.integer('limit', { least: 1, most: 1_000_000 }) ?? IDS_PRINTED;
  if (olderThanMs >= windowMs) {
    throw new UsageError(
      `--older-than ${formatDuration(olderThanMs)} is not shorter than the ${formatDuration(windowMs)} of --rehearse: no silence in it could be that long`,
    );
  }
  const { services } = await context.open();
  let report: RehearsalReport;
  try {
    report = await rehearseCleanup(services.store, {
      windowMs,
      olderThanMs,
      include,
      signal,
      ...wantedPaths(flags),
      onProgress: ({ at, from, to, events, silences }) => {
        const share = Math.floor(((at - from) / (to - from)) * 100);
        terminal.progress(`Rehearsing: ${share} %, ${events} events, ${silences} silences`);
      },
    });
  } catch (error) {
    if (error instanceof CleanupRefused) throw new UsageError(`--older-than: ${error.message}`);
    if (signal.aborted) return EXIT.interrupted;
    throw error;
  }
  if (report.warning !== null) terminal.note(`noetl-console: warning: ${report.warning}`);
  if (flags.isJson) for (const line of rehearsalJson(report)) terminal.print(line);
  else printRehearsal(report, limit, terminal);
  return EXIT.done;
}

/** The playbooks that `--path` names; nothing where it is not given. */
function wantedPaths(flags: Flags): { wanted?: (path: string | null) => boolean } {
  const glob = flags.text('path');
  if (glob === undefined) return {};
  const matches = compileGlob(glob);
  return { wanted: (path) => path !== null && matches(path) };
}

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
  // Checked before connecting: wrong input needs no database to be refused.
  flags.duration('older-than');
  const session = await context.open();
  if (!flags.on('dry-run')) refuseBeforeWrite(session.layers, flags);
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
