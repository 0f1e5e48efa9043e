import { terminalStatusOf } from '../../domain/execution-status.js';
import { endlessTime } from '../../domain/time-range.js';
import { isoTime, type PayloadView, payload } from '../../service/json.js';
import type { EventDetail } from '../../store/event-store.js';
import { formatDuration } from '../../text/duration.js';
import { visibleText } from '../../text/visible-text.js';
import { displayWidth } from '../../text/width.js';
import { paintStatus, type Style } from './style.js';

/** Widths that hold nearly every value; a longer one moves only its own line. */
const TIME = 24;
const TYPE = 22;
const NODE = 24;
const STATUS = 11;

export const timelineHeader = (style: Style): string =>
  style.bold(columns('TIME (UTC)', 'EVENT', 'NODE', 'STATUS', 'WORKER, DURATION'));

/** One event as its line, its error, and its payload where that is shown. */
export function timelineLines(event: EventDetail, view: PayloadView, style: Style): string[] {
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
