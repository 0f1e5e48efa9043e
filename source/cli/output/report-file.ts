import { constants } from 'node:fs';
import { access, stat, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { CancelReport } from '../../service/cancel/cancel.js';
import type { FollowSnapshot } from '../../service/follow/follow-run.js';
import { incidentFile } from '../../service/report/report.js';
import type { Connection } from '../../store/event-store.js';
import { UsageError } from '../args/usage-error.js';

/**
 * Makes sure that a report can be written, before anything is cancelled.
 * @throws UsageError
 */
export async function checkReportFile(file: string): Promise<void> {
  const path = resolve(file);
  const refuse = (why: string) => new UsageError(`--report ${JSON.stringify(file)} ${why}; nothing was done`);
  if (file === '') throw refuse('names no file');
  const there = await stat(path).catch(() => null);
  if (there?.isDirectory()) throw refuse('is a folder');
  await access(there ? path : dirname(path), constants.W_OK).catch(() => {
    throw refuse('cannot be written');
  });
}

/** Writes what a run did, and the evidence that it stopped, as JSON or Markdown by the file's ending. */
export async function writeReport(
  file: string,
  run: { readonly report: CancelReport; readonly follow: FollowSnapshot | null; readonly connection: Connection },
): Promise<void> {
  const { host, port, database } = run.connection;
  const text = incidentFile(file, {
    report: run.report,
    follow: run.follow,
    database: `${host}:${port}/${database}`,
    writtenAt: Date.now(),
  });
  await writeFile(resolve(file), text);
}
