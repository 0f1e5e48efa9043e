/**
 * Cancels what is surely stuck, as a job that runs every night: it shows its plan, and writes only with `--run`.
 * Ends with 7 where nothing may be called stuck now, so that the job is seen to fail and is run again later.
 *
 *     DATABASE_URL=postgres://… node nightly-cleanup.ts --run
 */
import { CleanupBlocked, openClient, visibleText } from 'noetl-console/client';

const client = openClient({ databaseUrl: process.env.DATABASE_URL, as: 'nightly-cleanup' });
try {
  // Engines take up to 6m 33s to finalise a run; a job that runs once a night can afford to wait for an hour.
  const plan = await client.planCleanup({ olderThanMs: 3_600_000, limit: 1_000 });
  for (const { execution, diagnosis } of plan.targets) {
    console.log(`${execution.executionId} ${diagnosis.code}: ${visibleText(diagnosis.evidence.sentence)}`);
  }
  console.log(`${plan.targets.length} to cancel, ${plan.skipped.length} skipped`);

  if (process.argv.includes('--run')) {
    const report = await client.cleanup(plan, { reason: 'Nightly cleanup', ratePerSecond: 50 });
    const { states, allSettled } = await client.follow(report.cancel, { timeoutMs: 60_000 });
    console.log(`${report.cancelled.length} cancelled, ${allSettled ? `${states.length} settled` : 'not all settled'}`);
    if (report.failure !== null) throw new Error(`stopped early: ${report.failure}`);
  } else if (plan.refusedBy.length > 0) {
    throw new CleanupBlocked(plan.refusedBy);
  }
} catch (error) {
  if (!(error instanceof CleanupBlocked)) throw error;
  console.error(visibleText(error.message));
  process.exitCode = 7;
} finally {
  await client.close();
}
