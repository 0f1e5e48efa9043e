import {
  COMMAND_CLAIMED,
  COMMAND_END_TYPES,
  COMMAND_FAILED,
  COMMAND_ISSUED,
  isCommandEnd,
  isCommandHeld,
  isTransport,
  STEP_FINISH_TYPES,
} from '../event-types.js';
import type { EventSummary } from '../execution.js';
import { compareIds } from '../execution-id.js';
import type { OutstandingCommand, OwnFacts } from './stale-facts.js';

/** One row of an execution, as far as staleness goes. */
export interface FactEvent extends EventSummary {
  /** What the row itself names its command by (event-store.md, "Words"); null where it names none. */
  readonly commandId: string | null;
  /** command_id in result's context, which only counts on an end that names none in meta. */
  readonly resultCommandId?: string | null;
  readonly pendingCallback?: boolean;
  /** The text of a failure: `error`, else result's context.error. */
  readonly error?: string | null;
}

const FAILURES: ReadonlySet<string> = new Set([COMMAND_FAILED, 'call.error', 'step_failed']);
const ENDS_OR_FAILURES: ReadonlySet<string> = new Set([...COMMAND_END_TYPES, ...FAILURES]);
const FINISHES: ReadonlySet<string> = new Set(STEP_FINISH_TYPES);
const ANSWER = 'call.done';

interface Group {
  readonly key: string;
  last: FactEvent | null;
  end: FactEvent | null;
  parked: FactEvent | null;
  answer: FactEvent | null;
  begun: boolean;
  holder: string | null;
  endWorker: string | null;
  ends: number;
  answers: number;
}

/**
 * The facts of one execution from its rows, in any order: the same that the store reads with one statement
 * (store/stale-facts/recorded-facts.ts), for whoever has the rows at hand, such as a rehearsal that cuts a log at a moment.
 * What a diagnosis needs of other executions and of noetl.runtime is not here, nor are bulk loads.
 */
export function factsFromEvents(events: Iterable<FactEvent>): Omit<OwnFacts, 'bulkLoad'> & {
  /** The newest event that is not the transport's; null where there is none. */
  readonly lastEvent: EventSummary | null;
} {
  const groups = new Map<string, Group>();
  const ordered = [...events].sort((a, b) => compareIds(a.eventId, b.eventId));
  let lastEvent: FactEvent | null = null;
  let finished: FactEvent | null = null;
  let ended: FactEvent | null = null;
  for (const event of ordered) {
    if (!isTransport(event.type)) lastEvent = event;
    if (FINISHES.has(event.type)) finished = event;
    if (ENDS_OR_FAILURES.has(event.type)) ended = event;
    count(groups, event);
  }
  const all = [...groups.values()];
  const open = matchUnkeyedCompletions(all.flatMap(openOf), all.flatMap(unkeyedCompletionOf));
  const parked = matchUnkeyedCompletions(all.flatMap(parkedOf), all.flatMap(unkeyedAnswerOf)).sort((a, b) =>
    compareIds(b.eventId, a.eventId),
  )[0];
  return {
    lastEvent,
    newestOnly: null,
    outstanding: open.map(({ command }) => command),
    pendingCallback: parked
      ? { commandKey: parked.key, node: parked.node, eventType: parked.type, at: parked.at }
      : null,
    lastFinished: finished && { type: finished.type, node: finished.node, at: finished.at },
    lastFailure:
      ended && FAILURES.has(ended.type)
        ? { type: ended.type, node: ended.node, at: ended.at, text: ended.error || null }
        : null,
  };
}

function count(groups: Map<string, Group>, event: FactEvent): void {
  const ends = isCommandEnd(event.type);
  const held = isCommandHeld(event.type);
  if (!ends && !held && event.type !== COMMAND_ISSUED && event.type !== ANSWER) return;
  const key = event.commandId ?? (ends ? event.resultCommandId : null) ?? event.node ?? '';
  const group = groups.get(key) ?? emptyGroup(key);
  groups.set(key, group);
  if (event.type === ANSWER) {
    group.answer = event;
    group.answers += 1;
    return;
  }
  group.last = event;
  if (held) group.holder = event.workerId ?? group.holder;
  if (!ends) {
    group.begun = true;
    return;
  }
  group.end = event;
  group.ends += 1;
  group.endWorker = event.workerId ?? group.endWorker;
  if (event.pendingCallback) group.parked = event;
}

const emptyGroup = (key: string): Group => ({
  key,
  last: null,
  end: null,
  parked: null,
  answer: null,
  begun: false,
  holder: null,
  endWorker: null,
  ends: 0,
  answers: 0,
});

function openOf({ key, last, end, holder }: Group) {
  if (!last || last === end) return [];
  const workerId = isCommandHeld(last.type) ? holder : null;
  const stage = last.type === COMMAND_ISSUED ? 'issued' : last.type === COMMAND_CLAIMED ? 'claimed' : 'started';
  const command: OutstandingCommand = {
    commandKey: key,
    node: last.node,
    stage,
    workerId,
    eventType: last.type,
    at: last.at,
  };
  return [{ command, node: last.node, workerId, eventId: last.eventId }];
}

const unkeyedCompletionOf = ({ end, begun, ends, endWorker }: Group): UnkeyedCompletion[] =>
  end && !begun ? [{ node: end.node, workerId: endWorker, eventId: end.eventId, count: ends }] : [];

function parkedOf({ key, parked, last, answer }: Group) {
  if (!parked || parked !== last || (answer && compareIds(answer.eventId, parked.eventId) > 0)) return [];
  return [{ key, node: parked.node, workerId: null, eventId: parked.eventId, type: parked.type, at: parked.at }];
}

const unkeyedAnswerOf = ({ answer, last, answers }: Group): UnkeyedCompletion[] =>
  answer && !last ? [{ node: answer.node, workerId: null, eventId: answer.eventId, count: answers }] : [];

/** A row, or several of one key, that ends something at a node without naming a command that was ever issued. */
export interface UnkeyedCompletion {
  readonly node: string | null;
  readonly workerId: string | null;
  /** The newest of them. */
  readonly eventId: string;
  readonly count: number;
}

interface Settled {
  readonly node: string | null;
  readonly workerId: string | null;
  readonly eventId: string;
}

/**
 * What is left of open commands (or open callbacks) once loose ends are taken into account. One database can hold rows
 * that name a command differently (id in meta, id in the column, no id at all: event-store.md, "Words"), so an end
 * whose key was never issued is taken as the end of a command at the same node, the oldest first, one for each row.
 * It never ends a command that a different worker holds: a claim that goes on must not be explained away.
 */
export function matchUnkeyedCompletions<Open extends Settled>(
  open: readonly Open[],
  ends: readonly UnkeyedCompletion[],
): Open[] {
  if (ends.length === 0) return [...open];
  const oldestFirst = [...open].sort((a, b) => compareIds(a.eventId, b.eventId));
  const settled = new Set<Open>();
  for (const end of [...ends].sort((a, b) => compareIds(a.eventId, b.eventId))) {
    let left = end.count;
    for (const candidate of oldestFirst) {
      if (left === 0) break;
      if (settled.has(candidate) || candidate.node !== end.node) continue;
      if (compareIds(candidate.eventId, end.eventId) > 0) continue;
      if (candidate.workerId !== null && end.workerId !== null && candidate.workerId !== end.workerId) continue;
      settled.add(candidate);
      left -= 1;
    }
  }
  return open.filter((candidate) => !settled.has(candidate));
}
