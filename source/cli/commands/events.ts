import { notFound } from '../../domain/cancellation.js';
import { endlessTime } from '../../domain/execution.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import { terminalStatusOf } from '../../domain/execution-status.js';
import { eventJson, isoTime, type PayloadView, payload } from '../../service/json.js';
import { pause } from '../../service/pause.js';
import type { EventDetail, EventStore } from '../../store/event-store.js';
import { formatDuration } from '../../text/duration.js';
import { visibleJson, visibleText } from '../../text/visible-text.js';
import { displayWidth } from '../../text/width.js';
import { readId } from '../args/ids.js';
import type { CommandContext } from '../command.js';
import { EXIT } from '../output/exit-code.js';
import { noteDemoEnds } from '../output/notes.js';
import { paintStatus, type Style } from '../output/style.js';
import { retryUntilAborted } from '../watch.js';

const PAGE = 1000;
const FOLLOW_MS = 1000;

/** `events <id>`: the timeline, oldest first. */
export async function run(context: CommandContext): Promise<number> {
  const { flags, terminal, signal } = context;
  const id = readId(context.input[0] ?? '');
  const limit = flags.integer('limit', { least: 1, most: 1_000_000 });
  const view: PayloadView = flags.on('reveal') ? 'revealed' : flags.on('payloads') || flags.isJson ? 'masked' : 'none';
  const session = await context.open();
  const { store } = session.services;
  let last: string | undefined;
  const print = (events: readonly EventDetail[]) => {
    if (events.length > 0 && last === undefined && !flags.isJson) terminal.print(timelineHeader(terminal.style));
    for (const event of events) {
      if (flags.isJson) terminal.print(visibleJson(eventJson(id, event, view)));
      else for (const line of timelineLines(event, view, terminal.style)) terminal.print(line);
    }
    last = events.at(-1)?.eventId ?? last;
  };
  const pages = limit === undefined ? allPages(store, id, view, signal) : newestPages(store, id, limit, view, signal);
  for await (const events of pages) {
    print(events);
    if (terminal.unread.aborted) return EXIT.done;
  }
  if (last === undefined) {
    terminal.note(notFound(id));
    noteDemoEnds(session, terminal);
    return EXIT.notFound;
  }
  return flags.on('follow') ? follow(context, store, id, view, last, print) : EXIT.done;
}

/** Prints what comes until the execution has a terminal event (events may still follow it: one more look) or Ctrl-C. */
async function follow(
  { terminal, signal }: CommandContext,
  store: EventStore,
  id: ExecutionId,
  view: PayloadView,
  from: string,
  print: (events: readonly EventDetail[]) => void,
): Promise<number> {
  const ended = AbortSignal.any([signal, terminal.unread]);
  let after = from;
  let over = false;
  while (!ended.aborted) {
    const page = await retryUntilAborted(
      async () => ({
        events: (await store.eventsOf(id, { after, limit: PAGE, payloads: view !== 'none' }, { signal })).events,
        status: (await store.executionsById([id], { signal })).executions[0]?.status,
      }),
      terminal,
      ended,
    );
    if (!page) break;
    print(page.events);
    after = page.events.at(-1)?.eventId ?? after;
    if (page.events.length === PAGE) continue;
    if (over) {
      terminal.note(`Execution ${id} is ${page.status}.`);
      return EXIT.done;
    }
    over = page.status !== 'RUNNING';
    await pause(FOLLOW_MS, ended);
  }
  return signal.aborted ? EXIT.interrupted : EXIT.done;
}

async function* allPages(store: EventStore, id: ExecutionId, view: PayloadView, signal: AbortSignal) {
  for (let after = '0'; ; ) {
    const page = await store.eventsOf(id, { after, limit: PAGE, payloads: view !== 'none' }, { signal });
    yield page.events;
    const last = page.events.at(-1);
    if (!page.hasMore || !last) return;
    after = last.eventId;
  }
}

/** The newest `limit` events in their order: read from the end backwards, printed from the beginning. */
async function* newestPages(store: EventStore, id: ExecutionId, limit: number, view: PayloadView, signal: AbortSignal) {
  const pages: EventDetail[][] = [];
  let before: string | undefined;
  for (let left = limit; left > 0; ) {
    const range = { limit: Math.min(PAGE, left), payloads: view !== 'none', before };
    const page = await store.eventsOf(id, range, { signal });
    pages.unshift(page.events);
    left -= page.events.length;
    before = page.events[0]?.eventId;
    if (!page.hasMore || !before) break;
  }
  yield* pages;
}

/** Widths that hold nearly every value; a longer one moves only its own line. */
const TIME = 24;
const TYPE = 22;
const NODE = 24;
const STATUS = 11;

const timelineHeader = (style: Style): string =>
  style.bold(columns('TIME (UTC)', 'EVENT', 'NODE', 'STATUS', 'WORKER, DURATION'));

/** One event as its line, its error, and its payload where that is shown. */
function timelineLines(event: EventDetail, view: PayloadView, style: Style): string[] {
  const rest = [
    event.workerId === null ? '' : visibleText(event.workerId),
    event.durationMs === null ? '' : duration(event.durationMs),
  ].filter((text) => text !== '');
  const line = columns(
    endlessTime(event.at) ?? isoTime(event.at) ?? '-',
    visibleText(event.type),
    visibleText(event.node ?? '-'),
    visibleText(event.status ?? '-'),
    rest.join(', '),
  );
  const end = terminalStatusOf(event.type);
  return [
    end ? paintStatus(line, end, style) : line,
    ...(event.error === null ? [] : [`    ${style.red(`error: ${visibleText(event.error)}`)}`]),
    ...(event.payload === null || view === 'none'
      ? []
      : (['context', 'result', 'meta'] as const).flatMap((name) => {
          const value = payload(event.payload?.[name], view);
          return value === null ? [] : [`    ${style.dim(`${name}: ${visibleText(JSON.stringify(value))}`)}`];
        })),
  ];
}

const duration = (ms: number): string => (ms < 1000 ? `${Math.round(ms)}ms` : formatDuration(ms));

function columns(time: string, type: string, node: string, status: string, rest: string): string {
  const pad = (text: string, width: number) => text + ' '.repeat(Math.max(0, width - displayWidth(text)));
  return `${pad(time, TIME)}  ${pad(type, TYPE)}  ${pad(node, NODE)}  ${pad(status, STATUS)}  ${rest}`.trimEnd();
}
