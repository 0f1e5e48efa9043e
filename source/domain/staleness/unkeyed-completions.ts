import { compareIds } from '../execution-id.js';

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
