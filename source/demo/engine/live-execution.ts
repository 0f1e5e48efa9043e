import { createCancellationGuard } from '../../guard/cancellation-guard.js';
import type { CancellationGuard, GuardLogger } from '../../guard/guard-types.js';
import type { EventLog } from './event-log.js';
import type { ExecutionRun, Executions } from './execution-run.js';
import { type Command, childFailed, type ToolOutcome } from './playbook.js';
import type { Random } from './random.js';
import { skipDraft } from './stack-form.js';

/** An execution that the live engine drives. */
export interface LiveExecution {
  readonly run: ExecutionRun;
  /** The root of its tree. */
  readonly root: string;
  readonly guard: CancellationGuard;
  /** Set once its cancel was noticed. */
  cancelled: boolean;
  /** Set once a command of it went with its worker and is handed on to none: it will not move again. */
  lost: boolean;
  readonly whenEnded: (() => void)[];
}

/** A command on its way to a worker. */
export interface Offer {
  readonly execution: LiveExecution;
  readonly command: Command;
  /** True when the server's reaper has given up the worker that claimed it before. */
  readonly handedOn?: boolean;
}

export interface LiveEngineOptions {
  readonly log: EventLog;
  readonly executions: Executions;
  readonly random: Random;
  /** Ends the engine's waits; a database that goes away afterwards has no consequence. */
  readonly signal: AbortSignal;
  readonly logger?: GuardLogger;
}

const SILENT: GuardLogger = { info: () => {}, warn: () => {} };

export function liveExecution(run: ExecutionRun, root: string, options: LiveEngineOptions): LiveExecution {
  const { log, logger = SILENT } = options;
  const guard = createCancellationGuard({
    check: log.check,
    emit: (event) => log.skip(run, event, skipDraft(run, event, Date.now())),
    logger,
  });
  return { run, root, guard, cancelled: false, lost: false, whenEnded: [] };
}

/** What a parent's worker makes of a child, once that has ended. */
export async function childOutcome(child: LiveExecution): Promise<ToolOutcome> {
  if (!child.run.ended && !child.cancelled) await new Promise<void>((resolve) => child.whenEnded.push(resolve));
  const { executionId } = child.run.identity;
  const completed = child.run.ended === 'COMPLETED' && !child.cancelled;
  return completed ? { kind: 'done', childExecutionId: executionId } : childFailed(executionId);
}
