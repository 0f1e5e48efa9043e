import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { incidentFile } from '../../service/report/report.js';
import type { ConsoleOptions } from '../shell/console-options.js';
import type { Batch } from './batch-state.js';

/** Writes the incident report of a batch and answers the path of the file; an existing file is never overwritten. */
export async function writeReport(batch: Batch | undefined, options: ConsoleOptions): Promise<string> {
  if (!batch?.report) throw new Error('the batch has not finished');
  const { connection } = options.services.store;
  const writtenAt = Date.now();
  const stamp = new Date(writtenAt).toISOString().replace(/[-:]/g, '').slice(0, 15);
  const path = resolve(options.reportDirectory ?? '.', `noetl-cancel-${stamp}-${batch.id.slice(0, 8)}.md`);
  const database = `${connection.host}:${connection.port}/${connection.database}`;
  await writeFile(path, incidentFile(path, { report: batch.report, follow: batch.follow, database, writtenAt }), {
    flag: 'wx',
  });
  return path;
}
