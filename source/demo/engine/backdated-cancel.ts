import { cancelRows } from '../../domain/cancellation.js';
import { skippedCommandEvent } from '../../domain/worker-protocol.js';
import type { BackdatedTree } from './backdated-tree.js';
import type { EventDraft, JsonObject } from './event-row.js';
import type { ExecutionRun } from './execution-run.js';
import { type Command, childFailed } from './playbook.js';
import { seededRandom } from './random.js';
import { writtenAfterCancel } from './stack-form.js';
import { skipDraft } from './worker-drafts.js';
import { liveWorkerFor } from './workers.js';

export interface BackdatedCancel {
  readonly reason: string | null;
  readonly by: string;
  readonly source: string;
  /** The orchestrator misses it and finishes all the same: the log then holds both ends. */
  readonly inSpite?: boolean;
}

type Write = (run: ExecutionRun, drafts: readonly EventDraft[]) => void;

/** Writes a cascading cancel of a tree at a time, and what its workers wrote after it. */
export function tellCancel(tree: BackdatedTree, cancel: BackdatedCancel, at: number, write: Write): void {
  const [root] = tree.runs.keys();
  const request = {
    reason: cancel.reason,
    cancelledBy: cancel.by,
    cascade: tree.runs.size > 1,
    batchId: `demo-${root ?? ''}`,
    source: cancel.source,
  };
  for (const [executionId, run] of tree.runs) {
    if (run.ended) continue;
    const target = { executionId, rootId: root ?? executionId, stack: run.form.stack };
    write(
      run,
      cancelRows(target, request).map((row, index) => ({
        by: 'orchestrator',
        at: at + index,
        event_type: row.eventType,
        status: row.status,
        node_id: row.node,
        node_name: row.node,
        meta: row.meta as JsonObject,
        context: row.context as JsonObject,
      })),
    );
  }
  for (const [index, command] of tree.queued.entries()) skip(command, tree, { at: at + 400, index }, write);
  for (const { command, worker, outcome, finishesAt } of tree.held) {
    const run = tree.runs.get(command.executionId);
    if (!run) continue;
    const { drafts } = run.finish(command, worker, outcome, finishesAt);
    write(run, cancel.inSpite ? endOnly(drafts) : writtenAfterCancel(drafts, run.form.stack));
  }
  // A parent's worker sees at its next look that the child was cancelled.
  for (const [childId, { command, worker }] of tree.waiting) {
    const run = tree.runs.get(command.executionId);
    const reported = run?.finish(command, worker, childFailed(childId), at + 1800).drafts ?? [];
    if (run) write(run, writtenAfterCancel(reported, run.form.stack));
  }
}

/** An orchestrator that missed the cancel issues nothing here that the telling would have to follow up. */
const endOnly = (drafts: readonly EventDraft[]): EventDraft[] =>
  drafts.filter(({ event_type }) => event_type !== 'command.issued' && event_type !== 'step.enter');

function skip(command: Command, tree: BackdatedTree, { at, index }: { at: number; index: number }, write: Write): void {
  const run = tree.runs.get(command.executionId);
  if (!run) return;
  const workerId = liveWorkerFor(run.form.stack, seededRandom(index));
  const event = skippedCommandEvent({
    executionId: command.executionId,
    commandId: command.id,
    step: command.step.name,
    workerId,
    at: 'before-claim',
  });
  write(run, [skipDraft(run, event, at)]);
}
