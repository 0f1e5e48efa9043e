import type { EpochMs } from '../../../domain/execution.js';
import type { ExecutionId } from '../../../domain/execution-id.js';
import type { RehearsalVerdict } from '../../../domain/rehearsal/totals.js';
import type { StaleCode } from '../../../domain/staleness/staleness-types.js';
import type { EventStore } from '../../../store/event-store.js';
import type { RehearsalReader } from '../../../store/rehearsal/reader.js';

export type RehearsalStore = Pick<EventStore, 'clock' | 'catalogEntries' | 'linksBelow' | 'loadedWithNeighbours'> &
  RehearsalReader;

export interface RehearsalProgress {
  /** How far the log has been read, and the stretch that is read. */
  readonly at: EpochMs;
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly events: number;
  readonly silences: number;
}

export interface RehearsalOptions {
  /** How far back the log is walked, in milliseconds. */
  readonly windowMs: number;
  /** The threshold that is rehearsed, in milliseconds. */
  readonly olderThanMs: number;
  /** Codes that the cleanup would take besides the safe ones. */
  readonly include?: Iterable<StaleCode>;
  /** Which playbook paths; all when absent. */
  readonly wanted?: (path: string | null) => boolean;
  /** Rows of the log in one statement. */
  readonly pageRows?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: RehearsalProgress) => void;
}

export interface RehearsalReport {
  readonly asOf: EpochMs;
  readonly from: EpochMs;
  /** The first event in the window; null where there is none. */
  readonly firstEventAt: EpochMs | null;
  readonly olderThanMs: number;
  /** What an operator should know of a short threshold. */
  readonly warning: string | null;
  readonly codes: ReadonlySet<StaleCode>;
  /** Events of the window, the transport's left out. */
  readonly events: number;
  readonly silences: number;
  /** Executions with a silence. */
  readonly silentExecutions: number;
  /** With worker liveness unknown: a claim counts as live. */
  readonly asKnown: RehearsalVerdict;
  /** With every worker counted as lost. */
  readonly workersLost: RehearsalVerdict;
  /** Silent executions whose past is too large to be read, and why. */
  readonly notJudged: readonly { readonly executionId: ExecutionId; readonly why: string }[];
}
