import { COMMAND_CANCELLED, COMMAND_ISSUED, isCommandEnd, isCommandHeld, isFailure } from '../../domain/event-types.js';
import type { EventDetail } from '../../store/event-store.js';

/** How a stretch of work stands. */
export type SpanState = 'waiting' | 'running' | 'completed' | 'failed' | 'cancelled';

/** A stretch of time; null where it has not ended. */
export interface Interval {
  readonly from: number;
  readonly to: number | null;
}

/** One command from its issue to its end; or a step, where the log has no commands of it. */
export interface CommandSpan extends Interval {
  /** The event that it begins with: its own, so it names the span. */
  readonly eventId: string;
  readonly node: string;
  readonly nodeType: string | null;
  readonly iteration: number | null;
  /** When a worker took it; until then it waits for one. */
  readonly begun: number | null;
  readonly worker: string | null;
  /** How often a worker took it. */
  readonly attempts: number;
  readonly state: SpanState;
  readonly error: string | null;
  /** True when the log has been read from its middle only, so that it may have begun before. */
  readonly isCut: boolean;
}

type Open = { -readonly [Key in keyof CommandSpan]: CommandSpan[Key] };

/** Spans of one key in the order of their issue: those that wait for a worker, and those that a worker has. */
interface Queue {
  readonly waiting: Open[];
  readonly held: Open[];
  /** Spans before these have been taken. */
  waitingFrom: number;
  heldFrom: number;
}

const STEP_ENTER = 'step.enter';
const STEP_EXIT = /^step[._](exit|completed|failed|skipped)$/;

/**
 * The commands that events name, in the order in which they began; events ascending by id. A command is found by its
 * key; where several of one key are open (a log without command ids names a loop's by their step alone), the one issued
 * first is taken first and ends first. Linear in the events. Source: event-store.md, "Words".
 */
export function commandSpans(events: readonly EventDetail[]): CommandSpan[] {
  const spans: Open[] = [];
  const queues = new Map<string, Queue>();
  const steps = new Map<string, Open>();
  const withCommands = new Set<string>();
  const begin = (event: EventDetail, isCut: boolean): Open => {
    const span: Open = {
      eventId: event.eventId,
      node: event.node ?? '',
      nodeType: event.nodeType,
      iteration: event.iteration,
      from: event.at,
      begun: null,
      to: null,
      worker: event.workerId,
      attempts: 0,
      state: 'waiting',
      error: null,
      isCut,
    };
    spans.push(span);
    return span;
  };
  const queueOf = (key: string): Queue => {
    const queue = queues.get(key) ?? { waiting: [], held: [], waitingFrom: 0, heldFrom: 0 };
    queues.set(key, queue);
    return queue;
  };
  const take = (queue: Queue): Open | undefined => {
    const span = queue.waiting[queue.waitingFrom];
    if (span) {
      queue.waitingFrom += 1;
      queue.held.push(span);
    }
    return span;
  };

  for (const event of events) {
    const key = event.commandId ?? event.node ?? '';
    if (event.type === COMMAND_ISSUED) {
      withCommands.add(event.node ?? '');
      queueOf(key).waiting.push(begin(event, false));
    } else if (isCommandHeld(event.type)) {
      withCommands.add(event.node ?? '');
      hold(event, queueOf(key));
    } else if (isCommandEnd(event.type)) {
      withCommands.add(event.node ?? '');
      const queue = queueOf(key);
      const span = queue.held[queue.heldFrom] ?? take(queue);
      // A second end of the same command, as the Python engine writes after the execution's own.
      if (!span) continue;
      queue.heldFrom += 1;
      end(span, event, event.type === COMMAND_CANCELLED ? 'cancelled' : isFailure(event) ? 'failed' : 'completed');
    } else if (event.type === 'call.error') {
      const queue = queues.get(key);
      const span = queue?.held[queue.heldFrom];
      if (span) Object.assign(span, { state: 'failed', error: event.error ?? span.error });
    } else if (event.type === STEP_ENTER && event.node !== null) {
      const span = begin(event, false);
      Object.assign(span, { begun: event.at, state: 'running', nodeType: 'step' });
      steps.set(event.node, span);
    } else if (STEP_EXIT.test(event.type) && event.node !== null) {
      const span = steps.get(event.node);
      if (span?.to === null) end(span, event, isFailure(event) ? 'failed' : 'completed');
    }
  }
  return spans.filter((span) => span.nodeType !== 'step' || !withCommands.has(span.node));

  function hold(event: EventDetail, queue: Queue): void {
    const isClaim = event.type === 'command.claimed';
    const current = queue.held[queue.heldFrom];
    // A claim takes the next that waits. A start belongs to what is held, unless nothing is: older logs have no claims.
    const span = (isClaim || !current ? take(queue) : undefined) ?? current ?? begin(event, true);
    if (span === current || queue.held.at(-1) === span) {
      if (isClaim || span.attempts === 0) span.attempts += 1;
    } else {
      queue.held.push(span);
      span.attempts = 1;
    }
    span.begun ??= event.at;
    span.worker = event.workerId ?? span.worker;
    span.iteration ??= event.iteration;
    if (span.state === 'waiting') span.state = 'running';
  }

  function end(span: Open, event: EventDetail, state: SpanState): void {
    span.to = event.at;
    span.state = span.state === 'failed' && state === 'completed' ? 'failed' : state;
    span.worker = event.workerId ?? span.worker;
    span.error = event.error ?? span.error;
  }
}

/** Intervals joined where they touch, in order of time; an open one reaches to `now`. Sorts once. */
export function united(intervals: readonly Interval[], now: number): { readonly from: number; readonly to: number }[] {
  const closed = intervals.map(({ from, to }) => ({ from, to: Math.max(from, to ?? now) }));
  closed.sort((a, b) => a.from - b.from);
  const all: { from: number; to: number }[] = [];
  for (const { from, to } of closed) {
    const last = all.at(-1);
    if (last && from <= last.to) last.to = Math.max(last.to, to);
    else all.push({ from, to });
  }
  return all;
}

/** Milliseconds that intervals cover. */
export const covered = (intervals: readonly Interval[], now: number): number =>
  united(intervals, now).reduce((sum, { from, to }) => sum + to - from, 0);
