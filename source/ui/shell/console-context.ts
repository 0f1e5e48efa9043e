import type { ExecutionId } from '../../domain/execution-id.js';
import type { LiveFeed } from '../../service/live-feed/live-feed.js';
import type { Services } from '../../service/use-cases.js';
import type { JobsModel } from '../batches/jobs-model.js';
import type { FrozenTarget } from '../cancel-dialog/draft-state.js';
import type { Clock } from './clock.js';
import type { EngineModel } from './engine-model.js';
import type { Notices } from './notices.js';

/** What every screen may use. Screens do not know one another; they ask for the next by what it shows. */
export interface ConsoleContext {
  readonly services: Services;
  readonly feed: LiveFeed;
  readonly clock: Clock;
  readonly notices: Notices;
  readonly engine: EngineModel;
  readonly jobs: JobsModel;
  readonly staleAfterMs: () => number;
  copy(text: string): boolean;
  openTree(id: ExecutionId): void;
  openTimeline(id: ExecutionId, path: string | null): void;
  /** Opens the cancel dialog on executions as they are now; nothing is written by it. */
  openCancel(targets: readonly FrozenTarget[], source: { clearMarks(): void }): void;
  openJob(id: string): void;
  openJobs(): void;
  openCauses(): void;
  openHelp(): void;
  back(): void;
  quit(): void;
}
