import { displayStatus } from '../../domain/execution.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import type { Diagnosis } from '../../domain/staleness/staleness-types.js';
import { executionJson, isoTime } from '../../service/json/execution-json.js';
import { type ListFilter, readList } from '../../service/list.js';
import { pause } from '../../service/pause.js';
import type { Services } from '../../service/use-cases.js';
import type { ExecutionsAsOf } from '../../store/event-store.js';
import { visibleJson } from '../../text/visible-text.js';
import { listFilter } from '../args/list-filter.js';
import type { CommandContext } from '../command.js';
import { executionTable } from '../output/execution-table.js';
import { EXIT } from '../output/exit-code.js';
import { type Terminal, tableWidth } from '../output/terminal.js';
import { retryUntilAborted } from '../retry-until-aborted.js';

const WATCH_MS = 2000;
const HOME_AND_CLEAR = '\u001b[H\u001b[J';

/** `list`: executions, newest first. */
export async function run(context: CommandContext): Promise<number> {
  const { flags, terminal, signal } = context;
  const filter = () => listFilter(flags, Date.now());
  const checked = filter();
  const { services } = await context.open();
  if (flags.on('watch')) return watch(context, () => readListed(services, filter(), signal));
  const found = await readListed(services, checked, signal);
  if (flags.on('json')) for (const line of jsonLines(found, checked)) terminal.print(line);
  else printTable(found, checked, terminal);
  return EXIT.done;
}

/** Executions, and why those among them that are stale are. */
interface Listed extends ExecutionsAsOf {
  readonly diagnoses: ReadonlyMap<ExecutionId, Diagnosis>;
}

async function readListed({ store, diagnose }: Services, filter: ListFilter, signal: AbortSignal): Promise<Listed> {
  const found = await readList(store, filter, signal);
  const stale = found.executions
    .filter((execution) => displayStatus(execution, found.asOf, filter.staleAfterMs) === 'STALE')
    .map((execution) => execution.executionId);
  const options = { olderThanMs: filter.staleAfterMs, signal, active: found.active };
  return { ...found, diagnoses: await diagnose.diagnoseMany(stale, options) };
}

/**
 * On a terminal the table, painted anew in place; elsewhere (a pipe, `--json`) each execution again whenever something
 * in it changed, so that a reader sees what happens and nothing twice.
 */
async function watch(context: CommandContext, read: () => Promise<Listed>): Promise<number> {
  const { flags, terminal, signal } = context;
  const ended = AbortSignal.any([signal, terminal.unread]);
  const painted = terminal.stdout.isTTY === true && !flags.on('json');
  const seen = new Map<string, string>();
  while (!ended.aborted) {
    const found = await retryUntilAborted(read, terminal, ended);
    if (!found) break;
    const filter = listFilter(flags, Date.now());
    if (painted) {
      terminal.write(HOME_AND_CLEAR);
      terminal.print(terminal.style.dim(`${isoTime(found.asOf)}  every 2 s, Ctrl-C ends`));
      printTable(found, filter, terminal);
    } else {
      const changed = found.executions.filter((execution) => {
        const mark = `${execution.lastEvent.eventId} ${execution.status}`;
        if (seen.get(execution.executionId) === mark) return false;
        seen.delete(execution.executionId);
        seen.set(execution.executionId, mark);
        return true;
      });
      // The longest unchanged go first: a watch of weeks must not grow with all that ever ran.
      for (const id of seen.keys()) {
        if (seen.size <= 2 * Math.max(filter.limit, found.executions.length)) break;
        seen.delete(id);
      }
      const news = { ...found, executions: changed };
      if (flags.on('json')) for (const line of jsonLines(news, filter)) terminal.print(line);
      else if (changed.length > 0) printTable(news, filter, terminal);
    }
    await pause(WATCH_MS, ended);
  }
  return signal.aborted ? EXIT.interrupted : EXIT.done;
}

const jsonLines = ({ executions, asOf, diagnoses }: Listed, { staleAfterMs }: ListFilter): string[] =>
  executions.map((execution) => {
    const diagnosis = diagnoses.get(execution.executionId);
    return visibleJson(executionJson(execution, { now: asOf, staleAfterMs }, diagnosis));
  });

function printTable({ executions, asOf, diagnoses }: Listed, filter: ListFilter, terminal: Terminal): void {
  if (executions.length === 0) {
    terminal.note('No executions match.');
    return;
  }
  const clock = { now: asOf, staleAfterMs: filter.staleAfterMs };
  for (const line of executionTable(executions, clock, diagnoses, terminal.style, tableWidth(terminal))) {
    terminal.print(line);
  }
  if (executions.length === filter.limit) terminal.note(`The newest ${filter.limit}; --limit shows more.`);
}
