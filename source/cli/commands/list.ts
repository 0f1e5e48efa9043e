import { displayStatus } from '../../domain/execution.js';
import type { Filter } from '../../domain/filter.js';
import { executionJson, runawayJson } from '../../service/json.js';
import { type FilteredList, type ListFilter, readFilteredList, readList } from '../../service/list.js';
import type { Services } from '../../service/use-cases.js';
import { visibleJson } from '../../text/visible-text.js';
import { filterOf, listFilter } from '../args/filter-flags.js';
import type { CommandContext } from '../command.js';
import { staleAfterOf } from '../config/layers.js';
import { listKeys, printExecutions, sorted } from '../output/execution-table.js';
import { EXIT } from '../output/exit-code.js';
import type { Terminal } from '../output/terminal.js';
import { watch } from '../watch.js';

/** `list`: executions, newest first. */
export async function run(context: CommandContext): Promise<number> {
  const { flags, terminal, signal } = context;
  const words = flags.has('filter') ? filterOf(flags) : null;
  // Wrong flags are refused before anything connects.
  listFilter(flags, Date.now(), flags.duration('older-than') ?? 0);
  const { services, layers } = await context.open();
  const staleAfterMs = staleAfterOf(layers, flags);
  const filter = () => ({ ...listFilter(flags, Date.now(), staleAfterMs), isRanked: flags.has('sort') });
  const read = () => readListed(services, filter(), words, flags.text('sort'), signal);
  const { limit } = filter();
  const print = (found: FilteredList, rows: FilteredList['rows'], to: Terminal) =>
    printListed(found, rows, { form: flags.form, staleAfterMs, limit }, to);
  const found = await read();
  if (!flags.on('watch')) {
    print(found, found.rows, terminal);
    return EXIT.done;
  }
  return watch(
    context,
    {
      everySeconds: 2,
      read,
      asOf: ({ asOf }) => asOf,
      rows: ({ rows }) => rows,
      key: ({ execution }) => execution.executionId,
      mark: ({ execution }) => `${execution.lastEvent.eventId} ${execution.status}`,
      print,
    },
    found,
  );
}

/** Executions in the order that is asked for, and why those among them that are stale are. */
async function readListed(
  services: Services,
  filter: ListFilter,
  words: Filter | null,
  sort: string | undefined,
  signal: AbortSignal,
): Promise<FilteredList> {
  const { staleAfterMs, limit } = filter;
  const found =
    words === null
      ? await readPlainList(services, filter, signal)
      : await readFilteredList(services, filter, words, signal);
  const { asOf } = found;
  const undiagnosed = found.rows.filter(
    ({ execution, diagnosis }) => !diagnosis && displayStatus(execution, asOf, staleAfterMs) === 'STALE',
  );
  const diagnoses = await services.diagnose.diagnoseMany(
    undiagnosed.map(({ execution }) => execution.executionId),
    { olderThanMs: staleAfterMs, signal, active: found.active },
  );
  const rows = found.rows.map((row) => ({
    ...row,
    diagnosis: row.diagnosis ?? diagnoses.get(row.execution.executionId) ?? null,
  }));
  return { ...found, rows: sorted(rows, sort, listKeys({ now: asOf, staleAfterMs })).slice(0, limit) };
}

async function readPlainList({ store }: Services, filter: ListFilter, signal: AbortSignal): Promise<FilteredList> {
  const { executions, asOf, active } = await readList(store, filter, signal);
  const rows = executions.map((execution) => ({ execution, diagnosis: null, runaway: null }));
  return { rows, asOf, active, lookedAt: null };
}

function printListed(
  { asOf, lookedAt }: FilteredList,
  rows: FilteredList['rows'],
  { form, staleAfterMs, limit }: { form: string | null; staleAfterMs: number; limit: number },
  terminal: Terminal,
): void {
  const clock = { now: asOf, staleAfterMs };
  for (const { execution, diagnosis, runaway } of rows) {
    if (form === 'name') terminal.print(execution.executionId);
    if (form !== 'json') continue;
    const body = executionJson(execution, clock, diagnosis);
    terminal.print(visibleJson(runaway ? { ...body, ...runawayJson(runaway) } : body));
  }
  const isTable = form !== 'name' && form !== 'json';
  if (rows.length === 0 && form !== 'json') terminal.note('No executions match.');
  else if (isTable) printExecutions(rows, clock, terminal, form);
  if (rows.length === limit && isTable) terminal.note(`The first ${limit}; --limit shows more.`);
  if (lookedAt !== null) terminal.note(`Only the newest ${lookedAt} executions were looked at; --since narrows it.`);
}
