import type { Execution } from '../domain/execution.js';
import type { ExecutionId } from '../domain/execution-id.js';

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
