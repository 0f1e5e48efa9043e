import type { Execution } from '../domain/execution.js';
import type { ExecutionId } from '../domain/execution-id.js';
import { StoreError } from '../store/errors.js';
import type { EventStore, ReadOptions, TreeEdge } from '../store/event-store.js';

/** One execution in a tree. */
export interface TreeNode {
  readonly executionId: ExecutionId;
  /** Null when the table holds no rows of it (a parent that is only named). */
  readonly execution: Execution | null;
  /** The node it hangs under here; null for the root. */
  readonly parent: ExecutionId | null;
  readonly depth: number;
  /** Its children, oldest first. A link that would close a cycle is not here but in the tree's `cycles`. */
  readonly children: readonly ExecutionId[];
}

/** The executions below one root, each once. */
export interface ExecutionTree {
  readonly root: ExecutionId;
  readonly nodes: ReadonlyMap<ExecutionId, TreeNode>;
  /** Links left out because their child already stands elsewhere in the tree. */
  readonly cycles: readonly { parent: ExecutionId; child: ExecutionId }[];
  /** True when the tree has more nodes than were read. */
  readonly truncated: boolean;
  readonly asOf: number;
}

/** A tree of more links than this is shown cut, and says so; a cancel never stops at it. */
export const TREE_VIEW_LIMIT = 20_000;

type TreeStore = Pick<EventStore, 'executionsById' | 'linksBelow'>;

/** Reads the tree below one execution. Null when the id has no rows and names no children; StoreError where its shard is away. */
export async function loadTree(
  store: TreeStore,
  root: ExecutionId,
  options: ReadOptions & { limit?: number } = {},
): Promise<ExecutionTree | null> {
  const { links, truncated } = await store.linksBelow([root], options.limit ?? TREE_VIEW_LIMIT, options);
  const ids = new Set([root, ...links.map((link) => link.child)]);
  const { executions, asOf, unread } = await store.executionsById([...ids], options);
  const byId = new Map(executions.map((execution) => [execution.executionId, execution]));
  const why = unread?.get(root);
  if (why !== undefined) throw new StoreError('unreachable', why);
  if (!byId.has(root) && links.length === 0) return null;
  return { root, ...arrange(root, links, byId), truncated, asOf };
}

/** Hangs every execution once, breadth first, under the parent that reaches it first; other links are cycles. */
export function arrange(
  root: ExecutionId,
  links: readonly TreeEdge[],
  executions: ReadonlyMap<ExecutionId, Execution>,
): Pick<ExecutionTree, 'nodes' | 'cycles'> {
  const below = new Map<ExecutionId, ExecutionId[]>();
  for (const { parent, child } of links) {
    const children = below.get(parent);
    if (children) children.push(child);
    else below.set(parent, [child]);
  }
  const age = (id: ExecutionId) => executions.get(id)?.startedAt ?? Number.MAX_SAFE_INTEGER;
  const nodes = new Map<ExecutionId, TreeNode>();
  const placed = new Set([root]);
  const cycles: TreeEdge[] = [];
  let level: { id: ExecutionId; parent: ExecutionId | null }[] = [{ id: root, parent: null }];
  for (let depth = 0; level.length > 0; depth++) {
    const next: typeof level = [];
    for (const { id, parent } of level) {
      const children: ExecutionId[] = [];
      for (const child of below.get(id) ?? []) {
        if (placed.has(child)) cycles.push({ parent: id, child });
        else {
          placed.add(child);
          children.push(child);
        }
      }
      children.sort((a, b) => age(a) - age(b));
      nodes.set(id, { executionId: id, execution: executions.get(id) ?? null, parent, depth, children });
      for (const child of children) next.push({ id: child, parent: id });
    }
    level = next;
  }
  return { nodes, cycles };
}
