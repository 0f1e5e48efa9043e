import type { CancelOutcome, CancelPath } from '../domain/cancellation.js';
import type { EpochMs } from '../domain/execution.js';
import type { ExecutionId } from '../domain/execution-id.js';
import type { StopState } from '../domain/stopping.js';
import { visibleJson } from '../domain/visible-text.js';
import type { CancelReport } from './cancel-types.js';
import type { FollowSnapshot } from './follow-types.js';
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
  /** Which way it was cancelled; null where it was not. */
  readonly via: CancelPath | null;
  /** Found by the sweep, or appeared in the tree after the run. */
  readonly late: boolean;
  readonly stop: {
    readonly phase: StopState['phase'];
    readonly draining: number;
    readonly holding: readonly {
      readonly command: string;
      readonly step: string | null;
      readonly worker: string | null;
      readonly since: string;
      readonly worker_alive: boolean | null;
    }[];
    readonly offence: {
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
  readonly started_at: string;
  readonly finished_at: string;
  readonly interrupted: boolean;
  /** Which way the run wrote. */
  readonly via: CancelPath;
  readonly sweep_problem: string | null;
  readonly plan: {
    readonly requested: readonly ExecutionId[];
    readonly targets: number;
    readonly already_ended: readonly { readonly execution_id: ExecutionId; readonly as: string }[];
    readonly unknown: readonly ExecutionId[];
  };
  readonly counts: Readonly<Record<string, number>>;
  /** Null when nobody followed the run. */
  readonly evidence: {
    readonly as_of: string;
    readonly all_stopped: boolean;
    readonly phases: Readonly<Record<StopState['phase'], number>>;
    readonly problem: string | null;
  } | null;
  readonly executions: readonly IncidentEntry[];
}

export interface ReportInput {
  readonly report: CancelReport;
  /** The last snapshot of the follow-up; null when there was none. */
  readonly follow: FollowSnapshot | null;
  /** Where it happened, fit to show: never a password. */
  readonly database?: string;
  readonly writtenAt: EpochMs;
}

const iso = (at: EpochMs): string => new Date(at).toISOString();

/** The report as data; ids are strings and times ISO 8601 in UTC. */
export function incidentReport({ report, follow, database, writtenAt }: ReportInput): IncidentReport {
  const { request, plan, outcomes } = report;
  const states = new Map((follow?.states ?? []).map((state) => [state.executionId, state]));
  const targets = new Map(plan.targets.map((target) => [target.executionId, target]));
  const late = new Set(follow?.late ?? []);
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
      via: cancelled ? (cancelled.via ?? 'table') : null,
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
    started_at: iso(report.startedAt),
    finished_at: iso(report.finishedAt),
    interrupted: report.interrupted,
    via: report.via ?? 'table',
    sweep_problem: report.sweepProblem,
    plan: {
      requested: plan.requested,
      targets: plan.targets.length,
      already_ended: plan.ended.map(({ executionId, as }) => ({ execution_id: executionId, as })),
      unknown: plan.unknown,
    },
    counts: countBy(outcomes.map((outcome) => outcome.kind)),
    evidence: follow && {
      as_of: iso(follow.asOf),
      all_stopped: follow.allStopped,
      phases: {
        requested: 0,
        draining: 0,
        stopped: 0,
        'still-emitting': 0,
        ...countBy(follow.states.map((state) => state.phase)),
      },
      problem: follow.problem ?? null,
    },
    executions: [...outcomes.map(entry), ...lateEntries],
  };
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
    detail: 'appeared in the tree after the run',
    cancel_event_id: null,
    cancelled_at: null,
    via: null,
    late: true,
    stop: stopOf(state),
  };
}

function stopOf(state: StopState | undefined): IncidentEntry['stop'] {
  if (!state) return null;
  const { offence } = state;
  return {
    phase: state.phase,
    draining: state.draining,
    holding: (state.holding ?? []).map((command) => ({
      command: command.commandKey,
      step: command.node,
      worker: command.workerId,
      since: iso(command.since),
      worker_alive: command.workerAlive,
    })),
    offence: offence && {
      event_id: offence.eventId,
      event_type: offence.type,
      step: offence.node,
      worker: offence.workerId,
      at: iso(offence.at),
    },
  };
}

function describeOutcome(outcome: CancelOutcome): string {
  switch (outcome.kind) {
    case 'cancelled':
      return `cancelled${outcome.via === 'api' ? ' through the server' : ''}${outcome.late ? ' by the sweep, as a late child' : ''}`;
    case 'ended':
      return `already ${outcome.as}${outcome.lostRace ? ' when it was written to' : ''}${outcome.endedBy ? ` by ${outcome.endedBy}` : ''}`;
    case 'woke':
      return `left alone: it woke up at ${iso(outcome.lastEventAt)}`;
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
