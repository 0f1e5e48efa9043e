import { randomUUID } from 'node:crypto';
import {
  type CancelPlan,
  type CancelRequest,
  type CancelTarget,
  type EndedExecution,
  levelOf,
  type UnreadExecution,
} from '../../domain/cancellation.js';
import { type Execution, endlessTime } from '../../domain/execution.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import { layoutOf, type SnowflakeLayout } from '../../domain/snowflake.js';
import type { EventStore, TreeEdge, Unread } from '../../store/event-store.js';

/** The request of one run, under a batch id of its own. Whoever calls has checked the reason (checkReason). */
export const newCancelRequest = (given: Omit<CancelRequest, 'batchId'>): CancelRequest => ({
  ...given,
  batchId: randomUUID(),
});

/**
 * How many links of a tree are read at a time beyond those that are known: it bounds the memory of a plan. A run goes on
 * from there in pieces, and a tree that was not read whole is never called stopped.
 */
export const TREE_LINK_LIMIT = 200_000;
/** Executions read between two reports of progress. */
const EXECUTIONS_A_READ = 10_000;

/** How far the reading of a plan is. */
export interface PlanProgress {
  readonly done: number;
  readonly total: number;
}

export interface PlanOptions {
  readonly cascade: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (progress: PlanProgress) => void;
  readonly linkLimit?: number;
  /** Not to be cancelled by the cascade, nor is what lies below them. Ignored for ids that are asked for themselves. */
  readonly leaveOut?: readonly ExecutionId[];
}

export type PlanStore = Pick<EventStore, 'executionsById' | 'linksBelow'>;

/** Where an execution stands in a plan: whom it was reached from, and how deep (CancelTarget). */
interface Place {
  readonly rootId: ExecutionId;
  readonly depth: number;
  readonly level?: number;
}

/** The place of a child that was not asked for itself. */
const under = ({ rootId, depth, level }: Place): Place => ({
  rootId,
  depth: depth + 1,
  ...(level === undefined ? {} : { level: level + 1 }),
});

/**
 * The places of everything that a request reaches, breadth first so that parents come before children. What was asked
 * for is its own root, also when it lies below another that was asked for: it was named, and the report answers by name.
 */
export function placesOf(
  requested: readonly ExecutionId[],
  links: readonly TreeEdge[],
  leftOut: ReadonlySet<ExecutionId> = new Set(),
): Map<ExecutionId, Place> {
  const below = new Map<ExecutionId, ExecutionId[]>();
  const hasParentHere = new Set<ExecutionId>();
  for (const { parent, child } of links) {
    const children = below.get(parent);
    if (children) children.push(child);
    else below.set(parent, [child]);
    hasParentHere.add(child);
  }
  const named = new Set(requested);
  const places = new Map<ExecutionId, Place>();
  // Named executions that hang below others are placed when those reach them, so that parents still come first; those
  // that only a cycle reaches come last.
  const starts = [
    ...requested.filter((id) => !hasParentHere.has(id)),
    ...requested.filter((id) => hasParentHere.has(id)),
  ];
  for (const start of starts) {
    if (places.has(start)) continue;
    places.set(start, { rootId: start, depth: 0 });
    let level = [start];
    while (level.length > 0) {
      const next: ExecutionId[] = [];
      for (const id of level) {
        // Whatever is on a level has been given its place.
        const place = places.get(id)!;
        for (const child of below.get(id) ?? []) {
          if (places.has(child) || (leftOut.has(child) && !named.has(child))) continue;
          places.set(child, named.has(child) ? { rootId: child, depth: 0, level: levelOf(place) + 1 } : under(place));
          next.push(child);
        }
      }
      level = next;
    }
  }
  return places;
}

/** What a plan was asked for and could read: nothing is cancelled in the name of the rest. */
export function rootsOf({ requested, unknown, unread = [] }: CancelPlan): ExecutionId[] {
  const absent = new Set([...unknown, ...unread.map(({ executionId }) => executionId)]);
  return requested.filter((id) => !absent.has(id));
}

/** What links lead to from a plan's roots, is not known yet, is not left out and has not ended. */
export async function newTargets(
  store: Pick<EventStore, 'executionsById'>,
  plan: CancelPlan,
  links: readonly TreeEdge[],
  known: ReadonlySet<ExecutionId>,
): Promise<CancelTarget[]> {
  const places = placesOf(rootsOf(plan), links, new Set(plan.leftOut?.ids));
  const fresh = [...places.keys()].filter((id) => !known.has(id));
  if (fresh.length === 0) return [];
  const { executions } = await store.executionsById(fresh);
  return (
    executions
      .filter((execution) => execution.status === 'RUNNING')
      // Only what has a place was asked for.
      .map((execution) => targetOf(execution, places.get(execution.executionId)!))
      .sort((a, b) => a.depth - b.depth)
  );
}

export function targetOf(execution: Execution, place: Place): CancelTarget {
  return {
    executionId: execution.executionId,
    rootId: place.rootId,
    parentExecutionId: execution.parentExecutionId,
    stack: execution.stack,
    layout: layoutFor(execution),
    path: execution.path,
    depth: place.depth,
    ...(place.level === undefined ? {} : { level: place.level }),
    lastEventAt: execution.lastEvent.at,
    workerId: execution.lastEvent.workerId,
  };
}

/** An endless time is near to no layout; the stack that began the execution gave its events their ids. */
function layoutFor({ lastEvent, stack }: Execution): SnowflakeLayout {
  if (endlessTime(lastEvent.at) === null) return layoutOf(BigInt(lastEvent.eventId), lastEvent.at);
  return stack === 'rust' ? 'rust' : 'database';
}

/** Reads only: who would be cancelled, who has ended, and which ids no event names. */
export async function planCancel(
  store: PlanStore,
  ids: readonly ExecutionId[],
  { cascade, signal, onProgress, linkLimit = TREE_LINK_LIMIT, leaveOut = [] }: PlanOptions,
): Promise<CancelPlan> {
  const requested = [...new Set(ids)];
  const reading = { signal };
  const { links, truncated, gap } = cascade
    ? await store.linksBelow(requested, linkLimit, reading)
    : { links: [], truncated: false };
  const leftOut = new Set(leaveOut);
  const reached = placesOf(requested, links, leftOut);
  const passedBy = new Map(
    links.flatMap(({ parent, child }): [ExecutionId, Place][] => {
      const place = leftOut.has(child) && !reached.has(child) ? reached.get(parent) : undefined;
      return place ? [[child, under(place)]] : [];
    }),
  );
  const { byId, unread } = await readExecutions(store, [...reached.keys(), ...passedBy.keys()], reading, onProgress);
  // An id without rows was mistyped, or is a parent that is only named: nothing is cancelled in its name.
  const known = requested.filter((id) => byId.has(id));
  const targets: CancelTarget[] = [];
  const ended: EndedExecution[] = [];
  for (const [id, place] of placesOf(known, cascade ? links : linksAmong(known, byId), leftOut)) {
    const execution = byId.get(id);
    if (!execution) continue;
    if (execution.status === 'RUNNING') targets.push(targetOf(execution, place));
    else {
      ended.push({
        executionId: id,
        rootId: place.rootId,
        as: execution.status,
        endedAt: execution.endedAt,
        depth: place.depth,
      });
    }
  }
  const unknown = requested.filter((id) => !byId.has(id) && !unread.has(id));
  const live = [...passedBy].flatMap(([id, place]) => {
    const execution = byId.get(id);
    return execution?.status === 'RUNNING' ? [targetOf(execution, place)] : [];
  });
  return {
    requested,
    targets,
    ended,
    unknown,
    ...(unread.size > 0 ? { unread: unreadPlaces(unread, reached) } : {}),
    ...(gap === undefined ? {} : { gap }),
    ...(truncated ? { truncated } : {}),
    ...(leftOut.size > 0 ? { leftOut: { ids: leaveOut, live } } : {}),
  };
}

/** Who of those that were asked for stands above whom, by what their own rows say. */
const linksAmong = (ids: readonly ExecutionId[], byId: ReadonlyMap<ExecutionId, Execution>): TreeEdge[] =>
  ids.flatMap((child) => {
    const parent = byId.get(child)?.parentExecutionId ?? null;
    return parent !== null && byId.has(parent) ? [{ parent, child }] : [];
  });

const unreadPlaces = (unread: Unread, places: ReadonlyMap<ExecutionId, Place>): UnreadExecution[] =>
  [...unread].map(([executionId, message]) => ({
    executionId,
    rootId: places.get(executionId)?.rootId ?? executionId,
    message,
  }));

async function readExecutions(
  store: PlanStore,
  ids: readonly ExecutionId[],
  reading: { signal?: AbortSignal },
  onProgress: PlanOptions['onProgress'],
): Promise<{ byId: Map<ExecutionId, Execution>; unread: Unread }> {
  const byId = new Map<ExecutionId, Execution>();
  const unread = new Map<ExecutionId, string>();
  for (let start = 0; start < ids.length; start += EXECUTIONS_A_READ) {
    const found = await store.executionsById(ids.slice(start, start + EXECUTIONS_A_READ), reading);
    for (const execution of found.executions) byId.set(execution.executionId, execution);
    for (const [id, why] of found.unread ?? []) unread.set(id, why);
    const done = Math.min(ids.length, start + EXECUTIONS_A_READ);
    if (done < ids.length) onProgress?.({ done, total: ids.length });
  }
  return { byId, unread };
}
