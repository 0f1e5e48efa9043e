import type { ExecutionSummary } from '../../source/service/live-feed/feed-state.js';

const STEPS = ['fetch', 'parse', 'enrich', 'validate', 'transform', 'load'];

/** So many executions at work as the feed would hold them, each a little different. */
export function probeRows(count: number, now: number): ExecutionSummary[] {
  return Array.from({ length: count }, (_, index) => probeRow(index, now, index % 600_000));
}

export function probeRow(index: number, now: number, silentMs: number): ExecutionSummary {
  const executionId = String(440_000_000_000_000_000n + BigInt(index) * 4_194_304n);
  const step = `${STEPS[index % STEPS.length]}_${index % 9}`;
  return {
    execution: {
      executionId,
      path: `team${index % 7}/flow_${index % 60}`,
      version: 1 + (index % 4),
      catalogId: String(index % 60),
      parentExecutionId: index % 3 === 0 ? null : String(440_000_000_000_000_000n + BigInt(index % 100) * 4_194_304n),
      stack: index % 2 ? 'rust' : 'python',
      status: 'RUNNING',
      ends: [],
      startedAt: now - 60_000 - index * 10,
      endedAt: null,
      lastEvent: {
        eventId: `${executionId}1`.slice(0, 18),
        type: 'command.started',
        node: step,
        status: 'STARTED',
        workerId: `worker-${index % 16}`,
        at: now - silentMs,
      },
    },
    currentStep: step,
    workerId: `worker-${index % 16}`,
    children: index % 10 === 0 ? { live: index % 5, all: 5 } : null,
    diagnosis: null,
  };
}
