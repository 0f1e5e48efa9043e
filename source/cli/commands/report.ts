import { batchFromLog } from '../../service/report/batch-report.js';
import { incidentReport } from '../../service/report/report.js';
import { incidentMarkdown } from '../../service/report/report-markdown.js';
import { visibleJson, visibleText } from '../../text/visible-text.js';
import type { CommandContext } from '../command.js';
import { EXIT } from '../output/exit-code.js';

/** The line for a batch that no cancellation names. */
export const batchNotFound = (batchId: string): string => `Batch ${visibleText(batchId)} not found`;

/** `report <batch>`: the incident report of a batch from the log, as Markdown or JSON on stdout. */
export async function run(context: CommandContext): Promise<number> {
  const { flags, input, terminal, signal } = context;
  const since = flags.moment('since', Date.now());
  const batchId = input[0] ?? '';
  const session = await context.open();
  const { store } = session.services;
  const found = await batchFromLog(store, batchId, { signal, since });
  if (!found) {
    terminal.note(batchNotFound(batchId));
    return EXIT.notFound;
  }
  const { host, port, database } = store.connection;
  const report = incidentReport({
    ...found,
    fromLog: true,
    database: `${host}:${port}/${database}`,
    writtenAt: Date.now(),
  });
  terminal.print(flags.isJson ? visibleJson(report) : incidentMarkdown(report).trimEnd());
  return EXIT.done;
}
