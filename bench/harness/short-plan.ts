/** A plan short enough to read, and the figures that sum it up. */
export interface ShortPlan {
  readonly lines: readonly string[];
  readonly planningMs: string;
  readonly executionMs: string;
  /** Shared buffers touched by the whole statement. */
  readonly buffers: string;
}

const isNode = (line: string): boolean => line.includes('->');
const depthOf = (line: string): number => line.search(/\S/);

/** Keeps of each Append the first partition that gave rows, and drops costs and what was never executed. */
export function shortPlan(plan: readonly string[]): ShortPlan {
  const figure = (pattern: RegExp) => plan.map((line) => pattern.exec(line)?.[1]).find((found) => found) ?? '';
  const touched = plan.find((line) => /^\s*Buffers:/.test(line)) ?? '';
  const hit = Number(/hit=(\d+)/.exec(touched)?.[1] ?? 0);
  const read = Number(/read=(\d+)/.exec(touched)?.[1] ?? 0);
  return {
    lines: withoutRepeats(plan),
    planningMs: Number(figure(/^Planning Time: ([\d.]+)/)).toFixed(1),
    executionMs: Number(figure(/^Execution Time: ([\d.]+)/)).toFixed(1),
    buffers: (hit + read).toLocaleString('en'),
  };
}

/** Whether a later partition of the same Append gave rows. */
function hasFullerSibling(plan: readonly string[], from: number, depth: number): boolean {
  for (const line of plan.slice(from + 1)) {
    if (!isNode(line) || depthOf(line) > depth) continue;
    if (depthOf(line) < depth) return false;
    if (!/ rows=0\.00 |never executed/.test(line)) return true;
  }
  return false;
}

function withoutRepeats(plan: readonly string[]): string[] {
  const kept: string[] = [];
  /** Depths of nodes whose further lines are left out, and of Appends that have shown a partition. */
  let leftOut = Number.POSITIVE_INFINITY;
  const shown = new Map<number, number>();
  for (const [index, line] of plan.entries()) {
    const depth = depthOf(line);
    if (isNode(line) && depth <= leftOut) leftOut = Number.POSITIVE_INFINITY;
    if (depth > leftOut) continue;
    if (isNode(line)) {
      for (const at of [...shown.keys()]) if (at > depth) shown.delete(at);
      const isPartition = /on event_(?:p\d+|default)/.test(line);
      const isEmpty = isPartition && / rows=0\.00 /.test(line) && hasFullerSibling(plan, index, depth);
      if (line.includes('never executed') || isEmpty || (isPartition && (shown.get(depth) ?? 0) > 0)) {
        leftOut = depth;
        continue;
      }
      if (isPartition) shown.set(depth, 1);
    }
    if (/Index Searches|Heap Fetches|Buffers|Memory:|Worker|Storage|Batches|^Planning:/.test(line)) continue;
    kept.push(line.replace(/ {2}\(cost=[^)]*\)/, '').slice(0, 150));
  }
  return kept;
}
