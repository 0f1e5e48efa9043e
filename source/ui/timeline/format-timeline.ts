import { isFailure } from '../../domain/event-types.js';
import { terminalStatusOf } from '../../domain/execution-status.js';
import type { EventDetail } from '../../store/event-store.js';
import { formatElapsed } from '../../text/duration.js';
import { visibleText } from '../../text/visible-text.js';
import { padded, wrap } from '../../text/width.js';
import { dayOf, eventTime, fullTime, type TimeZone, zoneLabel } from '../kit/format-time.js';

/** What an event is about, for its colour. */
export type EventTone = 'good' | 'bad' | 'cancelled' | 'accent' | 'faint' | 'text';

export function eventTone(event: EventDetail): EventTone {
  const terminal = terminalStatusOf(event.type);
  if (terminal) return terminal === 'COMPLETED' ? 'good' : terminal === 'FAILED' ? 'bad' : 'cancelled';
  if (event.type === 'command.cancelled') return 'cancelled';
  if (isFailure(event)) return 'bad';
  return /^(playbook|workflow|step)/.test(event.type) ? 'accent' : 'text';
}

/** Widths of the columns, each with its gap; 0 for one that is not shown. */
export interface TimelineColumns {
  readonly zone: TimeZone;
  readonly day: boolean;
  readonly millis: boolean;
  readonly time: number;
  readonly type: number;
  readonly node: number;
  readonly status: number;
  readonly took: number;
  readonly worker: number;
  /** All that is right of the step, for a failure's error. */
  readonly rest: number;
}

/** The cursor's column and the search's. */
export const MARK_WIDTH = 2;
/** The longest usual type, `playbook.initialized`, and a gap. */
const TYPE_WIDTH = 21;
const STATUS_WIDTH = 12;
const TOOK_WIDTH = 8;
const WORKER_LEAST = 8;
const WORKER_MOST = 28;
/** Narrower than this, what is right of the type is one text. */
const COLUMNS_FROM = 30;
const MILLIS_FROM = 100;

/** Which columns a screen has: too narrow for all, the worker goes first, then milliseconds, then the columns. */
export function timelineColumns(
  width: number,
  { first, last, now, zone }: { first: number; last: number; now: number; zone: TimeZone },
): TimelineColumns {
  const today = dayOf(now, zone);
  const day = dayOf(first, zone) !== today || dayOf(last, zone) !== today;
  const millis = width >= MILLIS_FROM;
  const time = (day ? 14 : 8) + (millis ? 4 : 0) + 1;
  const room = Math.max(0, width - MARK_WIDTH - time - TYPE_WIDTH);
  const base = { zone, day, millis, time, type: TYPE_WIDTH };
  if (room < COLUMNS_FROM) return { ...base, node: 0, status: 0, took: 0, worker: 0, rest: room };
  const node = Math.max(12, Math.min(48, Math.floor(room * 0.32)));
  const left = room - node - STATUS_WIDTH - TOOK_WIDTH;
  const worker = left < WORKER_LEAST ? 0 : Math.min(WORKER_MOST, left);
  const [status, took] = left < 0 ? [0, 0] : [STATUS_WIDTH, TOOK_WIDTH];
  return { ...base, node, status, took, worker, rest: room - node };
}

const column = (text: string, width: number, keep: 'start' | 'end' = 'start'): string =>
  width === 0 ? '' : `${padded(text, width - 1, { keep })} `;

/** The names of the columns; the time's says by which clock. */
export function headingLine(columns: TimelineColumns, at: number): string {
  const zone = columns.zone === 'utc' ? 'UTC' : zoneLabel(at, 'local').slice(3);
  const time = column(columns.time < 12 ? zone : `TIME ${zone}`, columns.time);
  const rest =
    columns.node === 0
      ? 'STEP · STATUS · WORKER'
      : column('STEP', columns.node) +
        column('STATUS', columns.status) +
        column('TOOK', columns.took) +
        column('WORKER', columns.worker);
  return `${' '.repeat(MARK_WIDTH)}${time}${column('EVENT', columns.type)}${rest}`;
}

const nodeText = ({ node, iteration }: EventDetail): string =>
  visibleText(`${node ?? ''}${iteration === null ? '' : `[${iteration}]`}`);

/** One event on one line; a failure says its error before anything else. Workers of a pool differ in their names' ends. */
export function eventLine(event: EventDetail, columns: TimelineColumns): { time: string; type: string; rest: string } {
  const took = event.durationMs === null ? '' : formatElapsed(event.durationMs);
  const node = nodeText(event);
  const [status, worker] = [visibleText(event.status ?? ''), visibleText(event.workerId ?? '')];
  const error = event.error === null ? null : visibleText(event.error);
  const parts = (...words: readonly string[]) => words.filter((word) => word !== '').join(' · ');
  const rest =
    columns.node === 0
      ? padded(parts(error ?? '', node, status, took && `took ${took}`, worker), columns.rest)
      : column(node, columns.node) +
        (error === null
          ? column(status, columns.status) + column(took, columns.took) + column(worker, columns.worker, 'end')
          : padded(parts(error, worker), columns.rest));
  return {
    time: column(eventTime(event.at, columns.zone, columns), columns.time),
    type: column(visibleText(event.type), columns.type),
    rest,
  };
}

function payloadLines(name: string, value: unknown, width: number): string[] {
  if (value === null || value === undefined) return [];
  // JSON's own line breaks are kept; everything inside them is shown, not obeyed.
  const text = JSON.stringify(value, null, 2) ?? '';
  return [`${name}:`, ...text.split('\n').flatMap((line) => indented(visibleText(line), width))];
}

const indented = (line: string, width: number): string[] => {
  const indent = /^ */.exec(line)?.[0] ?? '';
  return wrap(line.trimStart(), Math.max(8, width - 2 - indent.length)).map((part) => `  ${indent}${part}`);
};

const MASKED = 'context, result and meta are masked: they may contain secrets.';

/** Everything about one event, in lines that fit; the error of a failure first. */
export function eventDetailLines(
  event: EventDetail,
  payloads: 'masked' | 'asked' | 'shown',
  { width, zone, revealKey }: { width: number; zone: TimeZone; revealKey: string },
): string[] {
  const field = (name: string, value: string | null): string[] =>
    value === null ? [] : wrap(`${name.padEnd(10)} ${visibleText(value)}`, width);
  const lines = [
    ...field('error', event.error),
    ...field('event', `${event.eventId} ${event.type}`),
    ...field('at', `${fullTime(event.at, zone)} ${zoneLabel(event.at, zone)}`),
    ...field('node', event.node),
    ...field('iteration', event.iteration === null ? null : String(event.iteration)),
    ...field('node type', event.nodeType),
    ...field('status', event.status),
    ...field('worker', event.workerId),
    ...field('command', event.commandId),
    ...field('duration', event.durationMs === null ? null : formatElapsed(event.durationMs)),
  ];
  if (payloads !== 'shown') {
    return [...lines, '', ...wrap(`${MASKED} ${revealKey} shows them (asks first).`, width)];
  }
  if (!event.payload) return [...lines, '', 'reading the payloads…'];
  const { context, result, meta } = event.payload;
  const shown = [
    ...payloadLines('context', context, width),
    ...payloadLines('result', result, width),
    ...payloadLines('meta', meta, width),
  ];
  return [...lines, '', ...(shown.length > 0 ? shown : ['no payloads'])];
}
