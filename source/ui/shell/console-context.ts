import type { StoreApi } from 'zustand/vanilla';
import type { CancelPlan, CancelRequest } from '../../domain/cancellation.js';
import type { DisplayStatus, EpochMs } from '../../domain/execution.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import type { Runaway } from '../../domain/runaway/facts.js';
import type { Diagnosis } from '../../domain/staleness/staleness-types.js';
import type { CancelRunOptions } from '../../service/cancel/cancel.js';
import type { DescribeService } from '../../service/describe.js';
import type { LiveFeed } from '../../service/live-feed/live-feed.js';
import type { Services } from '../../service/use-cases.js';
import type { TerminalSize } from '../terminal/terminal-context.js';
import type { Clock } from './clock.js';
import type { EngineModel } from './engine-model.js';
import type { ActionId } from './keymap-types.js';
import type { Notices } from './notices.js';
import type { ScreenArguments, ScreenKind } from './screen.js';
import type { ViewId } from './views.js';

/**
 * How an execution came to be marked. A dialog takes what was marked one by one as chosen; what a bulk key marked is
 * chosen only as far as it is safe (product.md: the others need an explicit choice each).
 */
export type MarkKind = 'explicit' | 'bulk';

/** What a dialog was opened on, as it was at that moment. Nothing that happens later changes it. */
export interface FrozenTarget {
  readonly executionId: ExecutionId;
  readonly path: string | null;
  readonly status: DisplayStatus | null;
  readonly diagnosis: Diagnosis | null;
  readonly lastEventAt: EpochMs | null;
  readonly workerId?: string | null;
  /** How it runs away, where that is known; counts only while it is running. */
  readonly runaway?: Runaway | undefined;
  readonly chosen: MarkKind;
  /** True when the list's filter or view did not show it. */
  readonly hidden: boolean;
}

/** The batches of this session, as far as screens other than their own use them. */
export interface BatchStarter {
  /** `line`: the batches in progress as one line of text; empty when there are none. */
  readonly store: Pick<StoreApi<{ readonly line: string }>, 'getState' | 'getInitialState' | 'subscribe'>;
  /** Begins to write a plan, and answers the batch id. */
  start(plan: CancelPlan, request: CancelRequest, options: Pick<CancelRunOptions, 'quietSince'>): string;
  /** Reasons given in this session, latest first. */
  reasons(): (string | null)[];
}

/** The command line while it is open: the text, its cursor (in graphemes), and what the line above it says. */
export interface CommandPrompt {
  readonly line: { readonly text: string; readonly cursor: number };
  readonly hint: string;
  /** True when the hint says why the command cannot run. */
  readonly isProblem: boolean;
}

/** What to press for an action, as the keys in force say. */
export type KeyOf = (action: ActionId) => string;

/** What every screen may use. Screens do not know one another; they ask for the next by its kind. */
export interface ConsoleContext {
  readonly services: Services;
  readonly describe: DescribeService;
  readonly feed: LiveFeed;
  readonly clock: Clock;
  readonly notices: Notices;
  readonly engine: EngineModel;
  readonly batches: BatchStarter;
  /** The command line; null while it is closed. It stands in the footer's place, on every screen. */
  readonly command: StoreApi<{ readonly prompt: CommandPrompt | null }>;
  /** The terminal's size. */
  readonly size: StoreApi<TerminalSize>;
  /** The clock that times are shown by, here and on every screen that lets one choose. */
  readonly times: StoreApi<{ readonly zone: 'local' | 'utc' }>;
  staleAfterMs(): number;
  copy(text: string): boolean;
  /** Opens a screen on top of the present one. */
  open<Kind extends ScreenKind>(kind: Kind, ...given: ScreenArguments[Kind]): void;
  /** Shows the list in a view, and with a filter where one is given; Esc there returns to the present screen. */
  showList(view: ViewId, filter?: string): void;
  readonly keyOf: KeyOf;
  back(): void;
  quit(): void;
}
