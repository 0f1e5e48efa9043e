import { DEFAULT_STALE_AFTER_MS } from '../../domain/execution-status.js';
import { STALE_CODES, type StaleCode } from '../../domain/staleness-types.js';
import { createCleanupService } from '../../service/cleanup.js';
import {
  type CleanupPlan,
  CleanupRefused,
  type CleanupReport,
  type CleanupService,
} from '../../service/cleanup-types.js';
import { createDiagnoseService } from '../../service/diagnose.js';
import { afterRun, noteRoute } from '../cancel/finish.js';
import type { FollowUp } from '../cancel/follow-up.js';
import { cleanupPlanJson, cleanupReportJson, printCleanupPlan, printCleanupReport } from '../cancel/print-cleanup.js';
import { checkReportFile } from '../cancel/report-file.js';
import { cancelRequest } from '../cancel/request.js';
import type { CommandContext } from '../command.js';
import { EXIT } from '../exit-code.js';
import type { Flags } from '../parse/flags.js';
import { nearWord } from '../parse/near-word.js';
import { UsageError } from '../usage-error.js';

const DEFAULT_REASON = 'Cleanup stale execution';
const MAX_RATE = 100_000;

/** `cleanup`: cancels what is stale and safe to cancel, and reports what it left alone and why. */
export async function run(context: CommandContext): Promise<number> {
  const { flags, terminal, signal } = context;
  const request = cancelRequest(flags, false, DEFAULT_REASON);
  const waitMs = flags.duration('wait');
  const rate = flags.integer('rate', { least: 1, most: MAX_RATE });
  const limit = flags.integer('limit', { least: 1, most: 1_000_000 });
  const olderThanMs = flags.duration('older-than') ?? DEFAULT_STALE_AFTER_MS;
  const include = includedCodes(flags);
  const file = flags.text('report');
  if (file !== undefined) await checkReportFile(file);
  const session = await context.open();
  const { store, cancel } = session.services;
  const cleanup = createCleanupService(store, { diagnose: createDiagnoseService(store), cancel });
  const options = { olderThanMs, include, signal, ...(limit === undefined ? {} : { limit }) };
  const plan = await planned(cleanup, options);
  if (plan.warning !== null) terminal.note(`noetl-console: warning: ${plan.warning}`);
  if (flags.on('dry-run')) {
    if (flags.on('json')) for (const line of cleanupPlanJson(plan)) terminal.print(line);
    else printCleanupPlan(plan, terminal);
    return EXIT.done;
  }
  const report = await cleanup.run(plan, request, {
    signal,
    ...(rate === undefined ? {} : { ratePerSecond: rate }),
    onProgress: ({ done, total }) => terminal.progress(`Cleaning up: ${done}/${total}`),
  });
  if (!flags.on('json')) printCleanupReport(report, terminal);
  noteRoute(session, report.cancel, terminal);
  if (report.failure !== null) terminal.note(`noetl-console: stopped early: ${report.failure}`);
  if (report.interrupted) terminal.note('noetl-console: interrupted; the same command again does the rest');
  const { followed, failed } = await afterRun(context, session, report.cancel, waitMs);
  if (flags.on('json')) for (const line of cleanupReportJson(report, followed)) terminal.print(line);
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

function includedCodes(flags: Flags): StaleCode[] {
  return flags.texts('include').map((text) => {
    const code = STALE_CODES.find((each) => each === text);
    if (code) return code;
    const near = nearWord(text, STALE_CODES);
    throw new UsageError(
      `--include does not know the code ${JSON.stringify(text)}: one of ${STALE_CODES.join(', ')}`,
      near ? `Did you mean ${near}?` : undefined,
    );
  });
}

/** Leaving alone what woke up or ended meanwhile is what was asked for; what failed or was not tried is not. */
function exitCode(report: CleanupReport, followed: FollowUp | null, failed: boolean): number {
  if (report.interrupted || followed?.interrupted) return EXIT.interrupted;
  if (report.failure !== null || report.skipped.some(({ why }) => why === 'failed' || why === 'outcome-unknown')) {
    return report.cancelled.length > 0 ? EXIT.partlyDone : EXIT.failed;
  }
  if (failed) return EXIT.failed;
  return followed && !followed.snapshot.allStopped ? EXIT.stillEmitting : EXIT.done;
}
