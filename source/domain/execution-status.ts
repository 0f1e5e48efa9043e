import { CANCELLED_TYPES, COMPLETED_TYPES, FAILED_TYPES } from './event-types.js';

/** How an execution ended. */
export type TerminalStatus = 'COMPLETED' | 'FAILED' | 'CANCELLED';
/** What an execution is: ended in one of three ways, or not ended. */
export type ExecutionStatus = 'RUNNING' | TerminalStatus;

/**
 * What outranks what when an execution carries terminal events of several kinds: a run that finished before or in
 * spite of a cancel did finish. Source: event-store.md, "Words" (production's own rule).
 */
export const TERMINAL_PRECEDENCE: readonly TerminalStatus[] = ['COMPLETED', 'FAILED', 'CANCELLED'];

const terminalByType: ReadonlyMap<string, TerminalStatus> = new Map<string, TerminalStatus>([
  ...COMPLETED_TYPES.map((type) => [type, 'COMPLETED'] as const),
  ...FAILED_TYPES.map((type) => [type, 'FAILED'] as const),
  ...CANCELLED_TYPES.map((type) => [type, 'CANCELLED'] as const),
]);

/** How an event of this type ends its execution; null when it does not, whatever its status column says. */
export function terminalStatusOf(eventType: string | null): TerminalStatus | null {
  return eventType === null ? null : (terminalByType.get(eventType) ?? null);
}

/** An execution's status together with every kind of end that its events hold, in precedence order. */
export interface StatusVerdict {
  readonly status: ExecutionStatus;
  /** More than one entry means that the log disagrees with itself; the console says so. */
  readonly ends: readonly TerminalStatus[];
}

/**
 * An execution's status from the types of its events, in any order, with duplicates and unknown words.
 * Never from the latest event alone: events can follow the terminal one.
 */
export function executionStatus(eventTypes: Iterable<string | null>): StatusVerdict {
  const seen = new Set<TerminalStatus>();
  for (const type of eventTypes) {
    const terminal = terminalStatusOf(type);
    if (terminal) seen.add(terminal);
  }
  const ends = TERMINAL_PRECEDENCE.filter((kind) => seen.has(kind));
  return { status: ends[0] ?? 'RUNNING', ends };
}

/** True once an execution's newest event is older than the threshold (both in milliseconds). */
export function isSilent(lastEventAt: number | null, now: number, thresholdMs: number): boolean {
  return lastEventAt === null || now - lastEventAt > thresholdMs;
}

/** 10 minutes: a threshold of 2 minutes killed 30 healthy runs of 344 in production (event-store.md). */
export const DEFAULT_STALE_AFTER_MS = 10 * 60_000;
