import { terminalStatusOf } from '../../domain/execution-status.js';
import { endlessTime } from '../../domain/time-range.js';
import type { EventDetail } from '../../store/event-store.js';
import { formatDuration } from '../../text/duration.js';
import { visibleText } from '../../text/visible-text.js';
import { padded, wrap } from '../../text/width.js';
import { eventTime } from '../kit/format-time.js';

/** What an event is about, for its colour. */
export type EventTone = 'good' | 'bad' | 'cancelled' | 'accent' | 'faint' | 'text';

export function eventTone(event: EventDetail): EventTone {
  const terminal = terminalStatusOf(event.type);
  if (terminal) return terminal === 'COMPLETED' ? 'good' : terminal === 'FAILED' ? 'bad' : 'cancelled';
  if (event.type === 'command.cancelled') return 'cancelled';
  if (event.error !== null || /error|failed/.test(event.type)) return 'bad';
  return /^(playbook|workflow|step)/.test(event.type) ? 'accent' : 'text';
}

/** `11-21 00:57:28` and a space. */
const TIME_WIDTH = 15;
const TYPE_WIDTH = 22;

/** One event on one line. */
export function eventLine(
  event: EventDetail,
  now: number,
  width: number,
): { time: string; type: string; rest: string } {
  const duration = event.durationMs === null ? '' : `took ${formatMs(event.durationMs)}`;
  const parts = [event.node, event.status, event.workerId, duration, event.error].map((part) =>
    visibleText(part ?? ''),
  );
  return {
    time: padded(eventTime(event.at, now), TIME_WIDTH),
    type: padded(visibleText(event.type), TYPE_WIDTH),
    rest: padded(parts.filter((part) => part !== '').join(' · '), Math.max(0, width - TIME_WIDTH - TYPE_WIDTH - 3)),
  };
}

const formatMs = (ms: number): string =>
  ms < 1000 ? `${Math.round(ms)}ms` : ms < 60_000 ? `${(ms / 1000).toFixed(1)}s` : formatDuration(ms);

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

const MASKED = 'context, result and meta are masked: they may contain secrets. x shows them (asks first).';

/** Everything about one event, in lines that fit. */
export function eventDetailLines(event: EventDetail, payloads: 'masked' | 'asked' | 'shown', width: number): string[] {
  const field = (name: string, value: string | null): string[] =>
    value === null ? [] : wrap(`${name.padEnd(10)} ${visibleText(value)}`, width);
  const lines = [
    ...field('event', `${event.eventId} ${event.type}`),
    ...field('at', endlessTime(event.at) ?? new Date(event.at).toISOString()),
    ...field('node', event.node),
    ...field('node type', event.nodeType),
    ...field('status', event.status),
    ...field('worker', event.workerId),
    ...field('command', event.commandId),
    ...field('duration', event.durationMs === null ? null : formatMs(event.durationMs)),
    ...field('error', event.error),
  ];
  if (payloads !== 'shown') {
    return [...lines, '', ...wrap(MASKED, width)];
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
