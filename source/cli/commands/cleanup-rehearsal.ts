import { DEFAULT_STALE_AFTER_MS } from '../../domain/execution-status.js';
import type { StaleCode } from '../../domain/staleness/staleness-types.js';
import { type RehearsalReport, rehearseCleanup } from '../../service/cleanup/rehearsal/rehearsal.js';
import { CleanupRefused } from '../../service/cleanup/rules.js';
import { formatDuration } from '../../text/duration.js';
import { compileGlob } from '../../text/glob.js';
import type { Flags } from '../args/parsed-flags.js';
import { UsageError } from '../args/usage-error.js';
import type { CommandContext } from '../command.js';
import { EXIT } from '../output/exit-code.js';
import { printRehearsal, rehearsalJson } from '../output/rehearsal.js';

/** What only means something where something is written. */
const WRITING_FLAGS = ['wait', 'report', 'rate', 'despite'] as const;
/** What can only be asked of executions as they are now. */
const PRESENT_FLAGS = ['filter', 'why'] as const;
const SHORTEST_WINDOW_MS = 60_000;
/** Ids of each list that are printed without --limit; --json prints all. */
const IDS_PRINTED = 10;

/** `cleanup --rehearse`: what a cleanup would have done in the past; writes nothing. */
export async function runRehearsal(context: CommandContext, include: readonly StaleCode[]): Promise<number> {
  const { flags, terminal, signal } = context;
  const against = WRITING_FLAGS.find((name) => flags.has(name));
  if (against) throw new UsageError(`--${against} has no meaning with --rehearse, which cancels nothing`);
  const present = PRESENT_FLAGS.find((name) => flags.has(name));
  if (present) throw new UsageError(`--${present} cannot be rehearsed: a rehearsal takes --path alone`);
  const windowMs = flags.duration('rehearse') ?? 0;
  if (windowMs < SHORTEST_WINDOW_MS) throw new UsageError('--rehearse needs 1m or more of the past, such as 30d');
  const olderThanMs = flags.duration('older-than') ?? DEFAULT_STALE_AFTER_MS;
  const limit = flags.integer('limit', { least: 1, most: 1_000_000 }) ?? IDS_PRINTED;
  if (olderThanMs >= windowMs) {
    throw new UsageError(
      `--older-than ${formatDuration(olderThanMs)} is not shorter than the ${formatDuration(windowMs)} of --rehearse: no silence in it could be that long`,
    );
  }
  const { services } = await context.open();
  let report: RehearsalReport;
  try {
    report = await rehearseCleanup(services.store, {
      windowMs,
      olderThanMs,
      include,
      signal,
      ...wantedPaths(flags),
      onProgress: ({ at, from, to, events, silences }) => {
        const share = Math.floor(((at - from) / (to - from)) * 100);
        terminal.progress(`Rehearsing: ${share} %, ${events} events, ${silences} silences`);
      },
    });
  } catch (error) {
    if (error instanceof CleanupRefused) throw new UsageError(`--older-than: ${error.message}`);
    if (signal.aborted) return EXIT.interrupted;
    throw error;
  }
  if (report.warning !== null) terminal.note(`noetl-console: warning: ${report.warning}`);
  if (flags.isJson) for (const line of rehearsalJson(report)) terminal.print(line);
  else printRehearsal(report, limit, terminal);
  return EXIT.done;
}

/** The playbooks that `--path` names; nothing where it is not given. */
function wantedPaths(flags: Flags): { wanted?: (path: string | null) => boolean } {
  const glob = flags.text('path');
  if (glob === undefined) return {};
  const matches = compileGlob(glob);
  return { wanted: (path) => path !== null && matches(path) };
}
