import { constants } from 'node:fs';
import { access, stat, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { ExecutionId } from '../../domain/execution-id.js';
import { phaseCounts, stopSentence } from '../../domain/stopping/stop-sentences.js';
import { countPhases, isSettled, type StopState } from '../../domain/stopping/stopping.js';
import type { CancelReport } from '../../service/cancel/cancel.js';
import type { FollowService } from '../../service/follow/follow.js';
import { type FollowSnapshot, ownAndLate } from '../../service/follow/follow-run.js';
import { isoTime } from '../../service/json.js';
import { incidentFile } from '../../service/report/report.js';
import type { Connection } from '../../store/event-store.js';
import { visibleText } from '../../text/visible-text.js';
import { UsageError } from '../args/usage-error.js';
import type { CommandContext } from '../command.js';
import type { Session } from '../open-services.js';
import type { Terminal } from './terminal.js';

/** How a followed cancel ended: the last look, and whether Ctrl-C ended the following. */
export interface FollowUp {
  readonly snapshot: FollowSnapshot;
  readonly interrupted: boolean;
}

/** Follows what a run cancelled until it has settled or the time is over; shows the progress on stderr. */
export async function followUp(
  follow: FollowService,
  report: CancelReport,
  { timeoutMs, terminal, signal }: { timeoutMs: number; terminal: Terminal; signal: AbortSignal },
): Promise<FollowUp> {
  const snapshot = await follow.follow(report, {
    timeoutMs,
    signal,
    onSnapshot: (each) => terminal.progress(`Following: ${phaseCounts(ownAndLate(each).own)}`),
  });
  return { snapshot, interrupted: signal.aborted && !snapshot.allSettled };
}

/** The outcome of the following on stderr: one line, and one for each execution that has not stopped. */
function noteFollowUp({ snapshot }: FollowUp, terminal: Terminal): void {
  for (const state of snapshot.states) {
    if (state.phase !== 'stopped') terminal.note(`Execution ${state.executionId}: ${explain(state)}`);
  }
  const { own, late } = ownAndLate(snapshot);
  const open = late.filter(({ phase }) => !isSettled(phase)).length;
  if (late.length > 0) {
    const what = late.length === 1 ? '1 execution' : `${late.length} executions`;
    const rest = open > 0 ? `${open} still running; cancel again with --cascade` : 'ended since';
    terminal.note(`${what} started in the tree after the cancel: ${rest}`);
  }
  if (snapshot.problem !== undefined) terminal.note(`noetl-console: ${visibleText(snapshot.problem)}`);
  const issued = snapshot.states.reduce((sum, state) => sum + (state.issuedAfter ?? 0), 0);
  terminal.note(`${phaseCounts(own)}${issued > 0 ? `; ${issued} issued afterwards, refused` : ''}`);
}

/** A stop state in the operator's words, with the event that proves it. */
export const explain = (state: StopState): string => stopSentence(state, (at) => `at ${isoTime(at)}`);

/** The follow-up of one requested id for its JSON body. */
export function followUpJson({ snapshot }: FollowUp, executions: readonly ExecutionId[]): object {
  const own = new Set(executions);
  const states = snapshot.states.filter((state) => own.has(state.executionId));
  return {
    settled: [...states, ...ownAndLate(snapshot).late].every((state) => isSettled(state.phase)),
    phases: countPhases(states),
    late: snapshot.late ?? [],
    executions: states.map((state) => ({
      execution_id: state.executionId,
      phase: state.phase,
      draining: state.draining,
      issued_after: state.issuedAfter ?? 0,
      explanation: explain(state),
      violation: state.violation && {
        type: state.violation.type,
        node: state.violation.node,
        worker_id: state.violation.workerId,
        at: isoTime(state.violation.at),
      },
    })),
  };
}

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

/**
 * Makes sure that a report can be written, before anything is cancelled.
 * @throws UsageError
 */
export async function checkReportFile(file: string): Promise<void> {
  const path = resolve(file);
  const refuse = (why: string) => new UsageError(`--report ${JSON.stringify(file)} ${why}; nothing was done`);
  if (file === '') throw refuse('names no file');
  const there = await stat(path).catch(() => null);
  if (there?.isDirectory()) throw refuse('is a folder');
  await access(there ? path : dirname(path), constants.W_OK).catch(() => {
    throw refuse('cannot be written');
  });
}

/** Writes what a run did, and the evidence that it stopped, as JSON or Markdown by the file's ending. */
async function writeReport(
  file: string,
  run: { readonly report: CancelReport; readonly follow: FollowSnapshot | null; readonly connection: Connection },
): Promise<void> {
  const { host, port, database } = run.connection;
  const text = incidentFile(file, {
    report: run.report,
    follow: run.follow,
    database: `${host}:${port}/${database}`,
    writtenAt: Date.now(),
  });
  await writeFile(resolve(file), text);
}
