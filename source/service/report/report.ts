import type { CancelOutcome, CancelPath } from '../../domain/cancellation.js';
import type { EpochMs } from '../../domain/execution.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import { countPhases, isSettled, type StopState } from '../../domain/stopping/stopping.js';
import { visibleJson } from '../../text/visible-text.js';
import type { CancelReport } from '../cancel/cancel.js';
import { type FollowSnapshot, ownAndLate } from '../follow/follow-run.js';
import { incidentMarkdown } from './report-markdown.js';

/** One execution of an incident report: what the run did with it, and whether the log shows that it stopped. */
export interface IncidentEntry {
  readonly execution_id: ExecutionId;
  readonly path: string | null;
  readonly parent_execution_id: ExecutionId | null;
  readonly outcome: CancelOutcome['kind'] | 'not-planned';
  readonly detail: string;
  readonly cancel_event_id: string | null;
  readonly cancelled_at: string | null;
  /** Which way it was cancelled; null where it was not, or where the report was made from the log. */
  readonly via: CancelPath | null;
  /** Found by the sweep, or began after the cancel and was not cancelled by the run. */
  readonly late: boolean;
  readonly stop: {
    readonly phase: StopState['phase'];
    readonly draining: number;
    /** Commands issued after the cancel and never handed to a worker: no work. */
    readonly issued_after: number;
    readonly holding: readonly {
      readonly command: string;
      readonly step: string | null;
      readonly worker: string | null;
      readonly since: string;
      readonly worker_alive: boolean | null;
    }[];
    readonly violation: {
      readonly event_id: string;
      readonly event_type: string;
      readonly step: string | null;
      readonly worker: string | null;
      readonly at: string;
    } | null;
  } | null;
}

/** What is attached to an incident: who, when, why, the plan, each outcome and the evidence that it stopped. */
export interface IncidentReport {
  readonly kind: 'noetl-console/cancel-report';
  readonly version: 1;
  readonly written_at: string;
  readonly database: string | null;
  readonly cancelled_by: string;
  readonly reason: string | null;
  readonly cascade: boolean;
  readonly batch_id: string;
  readonly source: string;
  /** Conditions of the engine that a cleanup overrode; absent where it overrode none. */
  readonly despite?: readonly string[];
  readonly started_at: string;
  readonly finished_at: string;
  /** Null where the report was made from the log, which does not hold it. */
  readonly interrupted: boolean | null;
  /** Which way the run wrote; null where the report was made from the log. */
  readonly via: CancelPath | null;
  readonly sweep_problem: string | null;
  readonly plan: {
    readonly requested: readonly ExecutionId[];
    readonly targets: number;
    readonly already_ended: readonly { readonly execution_id: ExecutionId; readonly as: string }[];
    readonly unknown: readonly ExecutionId[];
  };
  readonly counts: Readonly<Record<string, number>>;
  /** Null where the run was not followed. */
  readonly evidence: {
    readonly as_of: string;
    /** True where every execution is stopped or abandoned: nothing is waited for. */
    readonly settled: boolean;
    /** Of the executions that the run cancelled, and of no others. */
    readonly phases: Readonly<Record<StopState['phase'], number>>;
    /** Children that began after the cancel and that the run did not cancel, and how many of them go on. */
    readonly late: { readonly count: number; readonly going_on: number };
    readonly problem: string | null;
  } | null;
  readonly executions: readonly IncidentEntry[];
}

export interface ReportInput {
  readonly report: CancelReport;
  /** True where the report is made from the log alone, at any later time. */
  readonly fromLog?: boolean;
  /** The last snapshot of the follow-up; null when there was none. */
  readonly follow: FollowSnapshot | null;
  /** Where it happened, fit to show: never a password. */
  readonly database?: string;
  readonly writtenAt: EpochMs;
}

const iso = (at: EpochMs): string => new Date(at).toISOString();

/** The report as data; ids are strings and times ISO 8601 in UTC. */
export function incidentReport({ report, follow, database, writtenAt, fromLog }: ReportInput): IncidentReport {
  const { request, plan, outcomes } = report;
  const states = new Map((follow?.states ?? []).map((state) => [state.executionId, state]));
  const targets = new Map(plan.targets.map((target) => [target.executionId, target]));
  const late = new Set(follow?.late ?? []);
  const times = writeTimes(report);
  const entry = (outcome: CancelOutcome): IncidentEntry => {
    const cancelled = outcome.kind === 'cancelled' ? outcome : null;
    const target = targets.get(outcome.executionId);
    return {
      execution_id: outcome.executionId,
      path: target?.path ?? null,
      parent_execution_id: target?.parentExecutionId ?? null,
      outcome: outcome.kind,
      detail: describeOutcome(outcome),
      cancel_event_id: cancelled?.eventId ?? null,
      cancelled_at: cancelled ? iso(cancelled.at) : null,
      via: cancelled && !fromLog ? (cancelled.via ?? 'table') : null,
      late: cancelled?.late ?? false,
      stop: stopOf(states.get(outcome.executionId)),
    };
  };
  const met = new Set(outcomes.map((outcome) => outcome.executionId));
  const lateEntries = [...late].filter((id) => !met.has(id)).map((id) => lateEntry(id, states.get(id)));
  return {
    kind: 'noetl-console/cancel-report',
    version: 1,
    written_at: iso(writtenAt),
    database: database ?? null,
    cancelled_by: request.cancelledBy,
    reason: request.reason,
    cascade: request.cascade,
    batch_id: request.batchId,
    source: request.source,
    ...(request.despite ? { despite: request.despite } : {}),
    started_at: iso(times.first),
    finished_at: iso(times.last),
    interrupted: fromLog ? null : report.interrupted,
    via: fromLog ? null : (report.via ?? 'table'),
    sweep_problem: report.sweepProblem,
    plan: {
      requested: plan.requested,
      targets: plan.targets.length,
      already_ended: plan.ended.map(({ executionId, as }) => ({ execution_id: executionId, as })),
      unknown: plan.unknown,
    },
    counts: countBy(outcomes.map((outcome) => outcome.kind)),
    evidence: follow && evidenceOf(follow),
    executions: [...outcomes.map(entry), ...lateEntries],
  };
}

function evidenceOf(follow: FollowSnapshot): NonNullable<IncidentReport['evidence']> {
  const { own, late } = ownAndLate(follow);
  return {
    as_of: iso(follow.asOf),
    settled: follow.allSettled,
    phases: countPhases(own),
    late: { count: late.length, going_on: late.filter(({ phase }) => !isSettled(phase)).length },
    problem: follow.problem ?? null,
  };
}

/** When the first and the last cancel were written, by the database's clock; the run's own times where none was. */
function writeTimes({ outcomes, startedAt, finishedAt }: CancelReport): { first: EpochMs; last: EpochMs } {
  let times: { first: EpochMs; last: EpochMs } | null = null;
  for (const outcome of outcomes) {
    if (outcome.kind !== 'cancelled') continue;
    const { at } = outcome;
    times = times ? { first: Math.min(times.first, at), last: Math.max(times.last, at) } : { first: at, last: at };
  }
  return times ?? { first: startedAt, last: finishedAt };
}

/** The report as the text of a file: Markdown for a name that ends in .md or .markdown, else JSON. */
export function incidentFile(fileName: string, input: ReportInput): string {
  const report = incidentReport(input);
  return /\.(md|markdown)$/i.test(fileName) ? incidentMarkdown(report) : `${visibleJson(report, 2)}\n`;
}

function lateEntry(executionId: ExecutionId, state: StopState | undefined): IncidentEntry {
  return {
    execution_id: executionId,
    path: null,
    parent_execution_id: null,
    outcome: 'not-planned',
    detail: 'started after the cancel, not cancelled by this batch',
    cancel_event_id: null,
    cancelled_at: null,
    via: null,
    late: true,
    stop: stopOf(state),
  };
}

function stopOf(state: StopState | undefined): IncidentEntry['stop'] {
  if (!state) return null;
  const { violation } = state;
  return {
    phase: state.phase,
    draining: state.draining,
    issued_after: state.issuedAfter ?? 0,
    holding: (state.holding ?? []).map((command) => ({
      command: command.commandKey,
      step: command.node,
      worker: command.workerId,
      since: iso(command.since),
      worker_alive: command.workerAlive,
    })),
    violation: violation && {
      event_id: violation.eventId,
      event_type: violation.type,
      step: violation.node,
      worker: violation.workerId,
      at: iso(violation.at),
    },
  };
}

function describeOutcome(outcome: CancelOutcome): string {
  switch (outcome.kind) {
    case 'cancelled':
      return `cancelled${outcome.via === 'api' ? ' through the server' : ''}${outcome.late ? ' by the sweep, as a late child' : ''}`;
    case 'ended':
      return `already ${outcome.as}${outcome.lostRace ? ' when it was written to' : ''}${outcome.endedBy ? ` by ${outcome.endedBy}` : ''}`;
    case 'resumed':
      return `skipped: it resumed, with an event at ${iso(outcome.lastEventAt)}`;
    case 'unknown':
      return 'not found';
    case 'failed':
      return `failed: ${outcome.message}`;
    case 'outcome-unknown':
      return `outcome unknown: ${outcome.message}`;
    case 'not-attempted':
      return 'not attempted: the run was stopped before';
  }
}

function countBy(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}
