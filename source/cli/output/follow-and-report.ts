import type { CancelReport } from '../../service/cancel/cancel.js';
import { visibleText } from '../../text/visible-text.js';
import type { CommandContext } from '../command.js';
import type { Session } from '../open-services.js';
import { type FollowUp, followUp, noteFollowUp } from './follow-up.js';

/** What came after the write. */
export interface Aftermath {
  readonly followed: FollowUp | null;
  /** Something that was asked for besides the cancel could not be done; already reported. */
  readonly failed: boolean;
}

/**
 * What `--wait` and `--report` ask for once a run has written. The cancel stands whatever happens here, so that a
 * failure is reported and does not hide what was cancelled.
 */
export async function followAndReport(
  { flags, terminal, signal }: CommandContext,
  session: Session,
  report: CancelReport,
  waitMs: number | undefined,
): Promise<Aftermath> {
  let followed: FollowUp | null = null;
  let failed = false;
  const tell = (what: string, error: unknown) => {
    failed = true;
    terminal.note(`noetl-console: ${what}: ${visibleText(error instanceof Error ? error.message : String(error))}`);
  };
  const cancelledAny = report.outcomes.some((outcome) => outcome.kind === 'cancelled');
  if (waitMs !== undefined && cancelledAny && !signal.aborted) {
    try {
      followed = await followUp(session.services.follow, report, { timeoutMs: waitMs, terminal, signal });
      noteFollowUp(followed, terminal);
    } catch (error) {
      tell('the cancel is written, but could not be followed', error);
    }
  }
  const file = flags.text('report');
  if (file !== undefined) {
    try {
      const { writeReport } = await import('./report-file.js');
      const follow = followed?.snapshot ?? null;
      await writeReport(file, { report, follow, connection: session.services.store.connection });
      terminal.note(`Report written to ${file}`);
    } catch (error) {
      tell(`the cancel is written, but its report to ${JSON.stringify(file)} is not`, error);
    }
  }
  return { followed, failed };
}

/** Which way it went, where that is not the table: the block that scripts read has no room for it. */
export function noteRoute({ route }: Session, report: CancelReport, terminal: CommandContext['terminal']): void {
  if (route.via === 'api' && report.outcomes.some((outcome) => outcome.kind === 'cancelled')) {
    terminal.note(`Written through the NoETL server at ${visibleText(route.server.address.url)}.`);
  }
}

/** How a run is going, on a terminal's last line. */
export const tellProgress =
  (terminal: CommandContext['terminal']) =>
  ({ done, total, phase }: { done: number; total: number; phase: 'writing' | 'sweeping' }): void =>
    terminal.progress(phase === 'sweeping' ? `Late children: ${done}/${total}` : `Cancelling: ${done}/${total}`);
