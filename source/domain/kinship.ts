import type { ExecutionId } from './execution-id.js';

/** The parent of an execution; null or undefined where it has none that is known. */
export type ParentOf = (id: ExecutionId) => ExecutionId | null | undefined;

/** The ancestors of an execution from its parent upwards, each once, itself never, whatever cycles there are. */
export function* ancestorsOf(id: ExecutionId, parentOf: ParentOf): Generator<ExecutionId> {
  const seen = new Set([id]);
  for (let at = parentOf(id); at && !seen.has(at); at = parentOf(at)) {
    seen.add(at);
    yield at;
  }
}

/**
 * For every ancestor of the sources, the first source, in their order, that lies below it. Sources come best first, so
 * a walk may end at an ancestor that a better source has marked: all above it is marked too, except that source itself
 * where links close a cycle, which needs no mark of its own.
 */
export function markAncestors<Source extends { readonly executionId: ExecutionId }>(
  sources: Iterable<Source>,
  parentOf: ParentOf,
): Map<ExecutionId, Source> {
  const marks = new Map<ExecutionId, Source>();
  for (const source of sources) {
    for (const ancestor of ancestorsOf(source.executionId, parentOf)) {
      if (marks.has(ancestor)) break;
      marks.set(ancestor, source);
    }
  }
  return marks;
}
