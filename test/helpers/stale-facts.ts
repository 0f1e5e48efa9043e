import type { EventSummary } from '../../source/domain/execution.js';
import type { OutstandingCommand, StaleFacts } from '../../source/domain/staleness/stale-facts.js';

/** 2026-06-01T16:16:00Z. */
export const NOW = Date.UTC(2026, 5, 1, 16, 16);
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

export const event = (type: string, at: number, node: string | null = 'load'): EventSummary => ({
  eventId: '7',
  type,
  node,
  status: null,
  workerId: null,
  at,
});

export const command = (
  stage: OutstandingCommand['stage'],
  at: number,
  workerId: string | null = null,
  commandKey = 'c1',
): OutstandingCommand => ({ commandKey, node: 'load_orders', stage, workerId, eventType: `command.${stage}`, at });

/** An execution of which nothing is known but that its last step finished two hours ago. */
export const facts = (known: Partial<StaleFacts> = {}): StaleFacts => ({
  executionId: '100',
  lastEvent: event('step.exit', NOW - 2 * HOUR),
  newestOnly: null,
  outstanding: [],
  pendingCallback: null,
  lastFinished: { type: 'step.exit', node: 'load', at: NOW - 2 * HOUR },
  lastFailure: null,
  bulkLoad: null,
  stack: 'python',
  parent: null,
  newestDescendant: null,
  endedDescendant: null,
  heldDescendant: null,
  undecidedDescendant: null,
  heartbeats: new Map([['worker-1', NOW - 10_000]]),
  fleet: { liveWorkers: new Set(['worker-1']), workersSince: NOW - 30 * 24 * HOUR, reaperAt: null },
  recentClaims: null,
  ...known,
});
