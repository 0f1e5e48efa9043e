import { DEFAULT_STALE_AFTER_MS } from '../../domain/execution-status.js';
import type { Diagnose } from './feed-diagnosis.js';

export interface LiveFeedOptions {
  readonly staleAfterMs?: number;
  readonly pollMs?: number;
  readonly fullCheckMs?: number;
  /** Absent means that the feed does not say why executions are stale. */
  readonly diagnose?: Diagnose;
}

export const FEED_DEFAULTS = {
  staleAfterMs: DEFAULT_STALE_AFTER_MS,
  /** New events appear within 2 s (product.md). */
  pollMs: 1000,
  /** The full check finds what the overlap missed. */
  fullCheckMs: 60_000,
} satisfies LiveFeedOptions;
