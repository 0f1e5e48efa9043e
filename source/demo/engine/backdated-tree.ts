import { cancelRows } from '../../domain/cancellation.js';
import { skippedCommandEvent } from '../../domain/worker-protocol.js';
import { type EventDraft, type EventRecord, type JsonObject, placeEvent } from './event-row.js';
import type { ExecutionRun, Executions } from './execution-run.js';
import { type Command, childFailed, type Fate, outcomeOf, type ToolOutcome } from './playbook.js';
import { type Random, seededRandom } from './random.js';
import { skipDraft, writtenAfterCancel } from './stack-form.js';
import { liveWorkerFor, otherWorkerThan } from './workers.js';

interface BackdatedCancel {
  readonly reason: string | null;
  readonly by: string;
  readonly source: string;
  /** The orchestrator misses it and finishes all the same: the log then holds both ends. */
  readonly inSpite?: boolean;
}

type Write = (run: ExecutionRun, drafts: readonly EventDraft[]) => void;

/** Writes a cascading cancel of a tree at a time, and what its workers wrote after it. */
function tellCancel(tree: BackdatedTree, cancel: BackdatedCancel, at: number, write: Write): void {
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

export interface BackdatedSpec {
  readonly path: string;
  /** When it began and up to when it is written, in milliseconds since 1970. */
  readonly startedAt: number;
  readonly until: number;
  readonly fates?: readonly Fate[];
  /** The worker of everything, or of the command that meets the fate `lost`. */
  readonly worker?: string;
  readonly lostWorker?: string;
  /** Cancels all that still runs at `until`. */
  readonly cancel?: BackdatedCancel;
}

/** A command that a worker has in hand when the telling stops. */
export interface HeldCommand {
  readonly command: Command;
  readonly worker: string;
  readonly finishesAt: number;
  readonly outcome: ToolOutcome;
}

/** A tree of executions as it stands at `until`: its rows, and what a live engine must take over. */
export interface BackdatedTree {
  readonly runs: ReadonlyMap<string, ExecutionRun>;
  readonly records: readonly EventRecord[];
  readonly queued: readonly Command[];
  readonly held: readonly HeldCommand[];
  /** Commands that wait for a child's end, by the child's execution id. */
  readonly waiting: ReadonlyMap<string, ClaimedCommand>;
  /** Commands that were claimed and never end: their worker died, or the tool does not return. */
  readonly stuck: readonly ClaimedCommand[];
}

/** A command and the worker that claimed it last. */
export interface ClaimedCommand {
  readonly command: Command;
  readonly worker: string;
}

type Happening = { at: number } & (
  | { kind: 'claim'; command: Command }
  | { kind: 'finish'; command: Command; worker: string; outcome: ToolOutcome }
);

/** From claim to start, and from there to a child's first event, in milliseconds; what has begun is written to its end. */
const START_DELAY = 15;
const CHILD_DELAY = 25;
/** How long a command of the fate `redeliver` stays with each of its workers, in milliseconds. */
const REDELIVERED_EVERY = 4 * 60_000;

/** Runs one execution and all below it in virtual time. */
export function tellTree(spec: BackdatedSpec, executions: Executions, random: Random): BackdatedTree {
  const runs = new Map<string, ExecutionRun>();
  const lastIds = new Map<string, bigint>();
  const waiting = new Map<string, ClaimedCommand>();
  const stuck: ClaimedCommand[] = [];
  const records: EventRecord[] = [];
  const happenings: Happening[] = [];

  const schedule = (happening: Happening) => {
    const index = happenings.findIndex((other) => other.at > happening.at);
    happenings.splice(index < 0 ? happenings.length : index, 0, happening);
  };
  const write = (run: ExecutionRun, drafts: readonly EventDraft[]) => {
    const { executionId, catalogId } = run.identity;
    for (const draft of drafts) {
      const previous = lastIds.get(executionId) ?? null;
      const drawn = executions.ids.at(draft.at, run.form.layout);
      const eventId = previous !== null && drawn <= previous ? previous + 1n : drawn;
      lastIds.set(executionId, eventId);
      records.push(placeEvent(draft, { executionId, catalogId, eventId, previous, stack: run.form.stack }));
    }
  };
  const offer = (commands: readonly Command[], at: number) => {
    for (const command of commands) {
      if (command.step.tool === 'gpu') continue;
      const wait = command.step.tool === 'duckdb' ? random.between(0.2, 12) : random.between(0.05, 0.6);
      schedule({ kind: 'claim', command, at: at + Math.round(wait * 1000) });
    }
  };
  const begin = (run: ExecutionRun, at: number) => {
    runs.set(run.identity.executionId, run);
    const { drafts, issued } = run.begin(at);
    write(run, drafts);
    offer(issued, at);
  };
  const runOf = (command: Command): ExecutionRun => {
    const run = runs.get(command.executionId);
    if (!run) throw new RangeError(`execution ${command.executionId} is not of this tree`);
    return run;
  };

  const claim = (command: Command, at: number) => {
    const run = runOf(command);
    const lost = command.fate === 'lost' ? spec.lostWorker : undefined;
    const worker = lost ?? spec.worker ?? liveWorkerFor(run.form.stack, random);
    write(run, run.claim(command, worker, at));
    write(run, run.start(command, worker, at + START_DELAY));
    if (command.fate === 'lost' || command.fate === 'hang') {
      stuck.push({ command, worker });
      return;
    }
    if (command.fate === 'redeliver') {
      redeliver(command, worker, at);
      return;
    }
    const outcome: ToolOutcome = outcomeOf(command);
    const finishesAt = at + START_DELAY + Math.round(command.seconds * 1000);
    if (!command.step.calls) {
      schedule({ kind: 'finish', command, worker, outcome, at: finishesAt });
      return;
    }
    const caller = { executionId: command.executionId, inline: command.step.inline ?? false };
    const child = executions.create(command.step.calls, at + CHILD_DELAY, random, caller, spec.fates);
    begin(child, at + CHILD_DELAY);
    if (command.step.detached) schedule({ kind: 'finish', command, worker, outcome, at: finishesAt });
    else waiting.set(child.identity.executionId, { command, worker });
  };

  const redeliver = (command: Command, first: string, at: number) => {
    const run = runOf(command);
    let worker = first;
    for (let next = at + REDELIVERED_EVERY; next < spec.until; next += REDELIVERED_EVERY) {
      worker = otherWorkerThan(worker, run.form.stack, random);
      write(run, run.claim(command, worker, next));
      write(run, run.start(command, worker, next + START_DELAY));
    }
    stuck.push({ command, worker });
  };

  const finish = ({ command, worker, outcome, at }: Happening & { kind: 'finish' }) => {
    const run = runOf(command);
    const { drafts, issued } = run.finish(command, worker, outcome, at);
    write(run, drafts);
    offer(issued, at);
    const waiter = waiting.get(run.identity.executionId);
    if (!run.ended || !waiter) return;
    waiting.delete(run.identity.executionId);
    const childExecutionId = run.identity.executionId;
    const childOutcome: ToolOutcome =
      run.ended === 'COMPLETED' ? { kind: 'done', childExecutionId } : childFailed(childExecutionId);
    // The parent's worker looks at the child every two seconds.
    schedule({ kind: 'finish', ...waiter, outcome: childOutcome, at: at + 100 + random.below(1900) });
  };

  begin(executions.create(spec.path, spec.startedAt, random, null, spec.fates), spec.startedAt);
  for (let next = happenings[0]; next && next.at + 2 * CHILD_DELAY <= spec.until; next = happenings[0]) {
    happenings.shift();
    if (next.kind === 'claim') claim(next.command, next.at);
    else finish(next);
  }
  const tree: BackdatedTree = {
    runs,
    records,
    waiting,
    stuck,
    queued: happenings.flatMap((one) => (one.kind === 'claim' ? [one.command] : [])),
    held: happenings.flatMap((one) =>
      one.kind === 'finish'
        ? [{ command: one.command, worker: one.worker, outcome: one.outcome, finishesAt: one.at }]
        : [],
    ),
  };
  if (!spec.cancel) return tree;
  tellCancel(tree, spec.cancel, spec.until, write);
  return { ...tree, queued: [], held: [], waiting: new Map(), stuck: [] };
}
