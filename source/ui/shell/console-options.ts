import type { ExecutionId } from '../../domain/execution-id.js';
import type { ConditionsService } from '../../service/conditions.js';
import type { DescribeService } from '../../service/describe.js';
import type { LiveFeed } from '../../service/live-feed/live-feed.js';
import type { Services } from '../../service/use-cases.js';
import type { InputStream } from '../terminal/input-source.js';
import type { TerminalOutcome } from '../terminal/outcome.js';
import type { OutputStream } from '../terminal/terminal-output.js';
import type { KeyOverrides } from './keymap-resolve.js';
import type { ThemeName } from './theme.js';
import type { ViewId } from './views.js';

/** What the interactive console is given. It makes no connection of its own and reads no environment. */
export interface ConsoleOptions {
  readonly services: Services;
  /** All that is known of one execution. */
  readonly describe: DescribeService;
  /** Not yet started; the console starts and stops it. */
  readonly feed: LiveFeed;
  /** Whether anything may be called stuck; not asked where it is not given. */
  readonly conditions?: ConditionsService;
  /** Who the cancels are by: `user@host`, or what `--as` names. */
  readonly cancelledBy: string;
  /** `noetl-console/<version>`, written into every cancel. */
  readonly source: string;
  readonly readOnly?: boolean;
  /** A cancel without a reason is refused. */
  readonly requireReason?: boolean | undefined;
  /** True on the demo, which is said all the time. */
  readonly demo?: boolean;
  /** The config file's profile, shown beside the connection. */
  readonly profile?: string | null;
  /** The colour of the profile, as its config names it: red, green, yellow, blue, magenta, cyan, white or gray. */
  readonly color?: string | undefined;
  /** How cancels are written, for the header: `table`, or `api` and the server's address. */
  readonly writes?: string | null;
  readonly mouse?: boolean;
  readonly theme?: ThemeName;
  /** The clock that times are shown by at first; default `utc`, as the event table has them. */
  readonly time?: 'local' | 'utc';
  readonly noColor?: boolean;
  readonly keys?: KeyOverrides;
  readonly screenReader?: boolean;
  /** Ring the terminal's bell when a batch settles or more executions become stale. */
  readonly bell?: boolean;
  /** Show both in the terminal's title. */
  readonly title?: boolean;
  readonly staleAfterMs?: number;
  readonly view?: ViewId;
  /** Directory for report files; default: the working directory. */
  readonly reportDirectory?: string;
  /** Default: the process's own. Both must be terminals. */
  readonly stdin?: InputStream;
  readonly stdout?: OutputStream;
  /** Read for TERM, TMUX and INK_SCREEN_READER only. */
  readonly env?: NodeJS.ProcessEnv;
}

/** One batch of cancels that was begun in a session. */
export interface BatchSummary {
  readonly batchId: string;
  readonly reason: string | null;
  readonly cancelled: readonly ExecutionId[];
  /** Asked for and not cancelled: ended first, resumed, unknown, failed or never tried. */
  readonly notCancelled: number;
  /** Lost their connection while they were written: cancelled or not. */
  readonly outcomeUnknown: number;
  /** True when it was stopped, or broke off, before every execution was tried. */
  readonly interrupted: boolean;
  /** How many of the cancelled were seen to have stopped by the time the console closed. */
  readonly stopped: number;
  /** How many were in progress on workers that are gone. */
  readonly abandoned: number;
}

/** How a session ended, and what it cancelled; the terminal is restored by the time that anyone sees this. */
export interface ConsoleOutcome {
  readonly terminal: TerminalOutcome;
  readonly batches: readonly BatchSummary[];
  /** Entries of `keys` that were ignored, one line each. */
  readonly keyProblems: readonly string[];
}
