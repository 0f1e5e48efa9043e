import { notFound } from '../../domain/cancellation.js';
import { isSettled } from '../../domain/stopping/stopping.js';
import type { ExecutionDescription } from '../../service/describe.js';
import { descriptionJson } from '../../service/json/description-json.js';
import { isoTime } from '../../service/json/execution-json.js';
import { pause } from '../../service/pause.js';
import { visibleJson, visibleText } from '../../text/visible-text.js';
import { readIds } from '../args/ids.js';
import type { CommandContext } from '../command.js';
import { staleAfterOf } from '../config/layers.js';
import { EXIT } from '../output/exit-code.js';
import { noteDemoEnds, noteEngine } from '../output/notes.js';
import { statusLines } from '../output/status-lines.js';
import type { Terminal } from '../output/terminal.js';
import { retryUntilAborted } from '../retry-until-aborted.js';

const WATCH_MS = 2000;
const HOME_AND_CLEAR = '\u001b[H\u001b[J';

/** The asked ones, in their order; null for those without rows, or unread, with why. */
type Described = readonly (readonly [id: string, one: ExecutionDescription | null, unread: string | undefined])[];

/** `status <id>…`: everything that is known of an execution. */
export async function run(context: CommandContext): Promise<number> {
  const { flags, terminal, signal } = context;
  const ids = readIds(context.input);
  const session = await context.open();
  const staleAfterMs = staleAfterOf(session.layers, flags);
  const { conditions, describe } = session.services;
  const read = async (): Promise<Described> => {
    const described = await describe.describe(ids, { signal, staleAfterMs });
    return ids.map((id) => [id, described.get(id) ?? null, described.unread?.get(id)]);
  };
  const found = await read();
  if (found.some(([, one]) => one?.diagnosis)) {
    noteEngine(await conditions.read({ maxAgeMs: Number.POSITIVE_INFINITY, signal }), terminal);
  }
  const isJson = flags.on('json');
  if (flags.on('watch')) await watch(found, read, { staleAfterMs, isJson, terminal, signal });
  else print(found, { staleAfterMs, isJson, terminal });
  if (signal.aborted) return EXIT.interrupted;
  if (found.every(([, one]) => one !== null)) return EXIT.done;
  noteDemoEnds(session, terminal);
  return found.some(([, one, unread]) => one === null && unread === undefined) ? EXIT.notFound : EXIT.partlyDone;
}

interface Printing {
  readonly staleAfterMs: number;
  readonly isJson: boolean;
  readonly terminal: Terminal;
}

function print(found: Described, { staleAfterMs, isJson, terminal }: Printing): void {
  let printed = 0;
  for (const [id, one, unread] of found) {
    if (!one)
      terminal.note(unread === undefined ? notFound(id) : visibleText(`Execution ${id} could not be read: ${unread}`));
    else if (isJson) terminal.print(visibleJson(descriptionJson(one, staleAfterMs)));
    else {
      if (printed > 0) terminal.print('');
      for (const line of statusLines(one, one.asOf, terminal.style)) terminal.print(line);
    }
    printed += one ? 1 : 0;
  }
}

/** Nothing more comes: it has ended, and where it was cancelled its work has settled. */
const isOver = (one: ExecutionDescription | null): boolean =>
  one === null ||
  (one.execution.status !== 'RUNNING' &&
    (one.execution.status !== 'CANCELLED' || isSettled(one.cancellation?.stop?.phase ?? 'stopped')));

/**
 * Until all of them are over: on a terminal painted anew in place, elsewhere each again whenever what is known of it has
 * changed.
 */
async function watch(
  first: Described,
  read: () => Promise<Described>,
  printing: Printing & { readonly signal: AbortSignal },
): Promise<void> {
  const { isJson, terminal, signal } = printing;
  const ended = AbortSignal.any([signal, terminal.unread]);
  const isPainted = terminal.stdout.isTTY === true && !isJson;
  const seen = new Map<string, string>();
  let found: Described | null = first;
  while (found && !ended.aborted) {
    if (isPainted) {
      const asOf = found.find(([, one]) => one)?.[1]?.asOf ?? null;
      terminal.write(HOME_AND_CLEAR);
      terminal.print(terminal.style.dim(`${isoTime(asOf) ?? ''}  every 2 s until it is over, Ctrl-C ends`));
      print(found, printing);
    } else {
      const changed = found.filter(([id, one]) => {
        const mark = one === null ? '' : markOf(one);
        if (seen.get(id) === mark) return false;
        seen.set(id, mark);
        return true;
      });
      print(changed, printing);
    }
    if (found.every(([, one]) => isOver(one))) return;
    await pause(WATCH_MS, ended);
    found = await retryUntilAborted(read, terminal, ended);
  }
}

/** What must differ for an execution to be printed again; ages alone do not count. */
const markOf = ({ execution, status, children, diagnosis, runaway, cancellation }: ExecutionDescription): string =>
  JSON.stringify([
    execution.lastEvent.eventId,
    status,
    children,
    diagnosis?.code,
    diagnosis?.safe,
    runaway?.code,
    cancellation?.stop?.phase,
  ]);
