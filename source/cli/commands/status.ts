import { notFound } from '../../domain/cancellation.js';
import type { EpochMs } from '../../domain/execution.js';
import { isSettled } from '../../domain/stopping/stopping.js';
import type { ExecutionDescription } from '../../service/describe.js';
import { type DescribedFact, describedFacts, statusText } from '../../service/describe-facts.js';
import { descriptionJson } from '../../service/json.js';
import { visibleJson, visibleText } from '../../text/visible-text.js';
import { readIds } from '../args/ids.js';
import type { CommandContext } from '../command.js';
import { staleAfterOf } from '../config/layers.js';
import { EXIT } from '../output/exit-code.js';
import { noteDemoEnds, noteEngine } from '../output/notes.js';
import { paintStatus, type Style, statusWord } from '../output/style.js';
import type { Terminal } from '../output/terminal.js';
import { watch } from '../watch.js';

/** The asked ones, in their order; null for those without rows, or unread, with why. */
type Described = readonly (readonly [id: string, one: ExecutionDescription | null, unread: string | undefined])[];

/** `status <id>…`: everything that is known of an execution. */
export async function run(context: CommandContext): Promise<number> {
  const { flags, terminal, signal } = context;
  const ids = readIds(context.input);
  // Checked before connecting: wrong input needs no database to be refused.
  flags.duration('older-than');
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
  const printing = { staleAfterMs, isJson: flags.isJson };
  if (flags.on('watch')) {
    await watch(
      context,
      {
        everySeconds: 2,
        until: 'until it is over,',
        read,
        asOf: (described) => described.find(([, one]) => one)?.[1]?.asOf ?? null,
        rows: (described) => described,
        key: ([id]) => id,
        mark: ([, one]) => (one === null ? '' : markOf(one)),
        print: (_, rows, to) => print(rows, { ...printing, terminal: to }),
        isOver: (described) => described.every(([, one]) => isOver(one)),
      },
      found,
    );
  } else print(found, { ...printing, terminal });
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

const LABEL_WIDTH = 13;

/** One execution, a labelled line a fact; the status first, and what explains it next. */
function statusLines(one: ExecutionDescription, now: EpochMs, style: Style): string[] {
  const line = (label: string, value: string) => `${`${label}:`.padEnd(LABEL_WIDTH)}${value}`;
  const words = statusText(one, now).slice(one.status.length);
  return [
    line('Execution', one.execution.executionId),
    line('Status', `${paintStatus(statusWord(one.status), one.status, style)}${words}`),
    ...describedFacts(one, now).map(({ label, text, tone }) => line(label, painted(text ?? '-', tone, style))),
  ];
}

function painted(text: string, tone: DescribedFact['tone'], style: Style): string {
  switch (tone) {
    case 'good':
      return style.green(text);
    case 'warn':
      return style.yellow(text);
    case 'bad':
      return style.red(text);
    case 'faint':
      return style.dim(text);
    case 'plain':
      return text;
  }
}
