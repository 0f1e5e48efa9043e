import type { ExecutionId } from '../../../source/domain/execution-id.js';
import { ChangingMap } from '../../../source/service/live-feed/changing-map.js';
import type { FeedCancel } from '../../../source/service/live-feed/event-window.js';
import type { ExecutionSummary, FeedHealth, FeedSnapshot } from '../../../source/service/live-feed/feed-state.js';
import type { LiveFeed } from '../../../source/service/live-feed/live-feed.js';

import { NOW } from './executions.js';

/** A feed whose rows are what the test says. Like the real one it changes one and the same map. */
export class FakeFeed implements LiveFeed {
  readonly rows = new ChangingMap<ExecutionId, ExecutionSummary>();
  readonly listeners = new Set<() => void>();
  readonly cancelListeners = new Set<(cancels: readonly FeedCancel[]) => void>();
  readonly thresholds: number[] = [];
  refreshes = 0;
  isRunning = false;
  #snapshot: FeedSnapshot;

  constructor(rows: readonly ExecutionSummary[] = [], now = NOW) {
    for (const row of rows) this.rows.set(row.execution.executionId, row);
    this.#snapshot = {
      rows: this.rows,
      revision: 1,
      asOf: now,
      readAt: Date.now(),
      health: { kind: 'live' },
      clockSkew: Date.now() - now,
    };
  }

  snapshot = (): FeedSnapshot => this.#snapshot;

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  onCancels = (listener: (cancels: readonly FeedCancel[]) => void): (() => void) => {
    this.cancelListeners.add(listener);
    return () => this.cancelListeners.delete(listener);
  };

  /** Cancels are seen in the log. */
  cancels(...cancels: readonly FeedCancel[]): void {
    for (const listener of this.cancelListeners) listener(cancels);
  }

  start(): void {
    this.isRunning = true;
  }

  async stop(): Promise<void> {
    this.isRunning = false;
  }

  pause(paused: boolean): void {
    this.health({ kind: paused ? 'paused' : 'live' });
  }

  async refresh(): Promise<void> {
    this.refreshes += 1;
  }

  setStaleAfter(ms: number): void {
    this.thresholds.push(ms);
  }

  /** Rows come or change. */
  put(...rows: readonly ExecutionSummary[]): void {
    for (const row of rows) this.rows.set(row.execution.executionId, row);
    this.#tell({ revision: this.#snapshot.revision + 1, readAt: Date.now() });
  }

  remove(...ids: readonly ExecutionId[]): void {
    for (const id of ids) this.rows.delete(id);
    this.#tell({ revision: this.#snapshot.revision + 1 });
  }

  health(health: FeedHealth, change: Partial<FeedSnapshot> = {}): void {
    this.#tell({ health, ...change });
  }

  #tell(change: Partial<FeedSnapshot>): void {
    this.#snapshot = { ...this.#snapshot, ...change };
    for (const listener of this.listeners) listener();
  }
}
