import type { LiveEngineOptions, LiveExecution } from './live-execution.js';
import { pause } from './pause.js';
import type { Command } from './playbook.js';
import { claimEvent } from './stack-form.js';

/** A command and the worker that claimed it last. */
export interface Claim {
  readonly execution: LiveExecution;
  readonly command: Command;
  readonly worker: string;
}

/** The commands that workers have, live ones and dead ones, and the children that these commands began. */
export class Claims {
  private readonly byId = new Map<string, Claim>();
  private readonly calls = new Map<string, { child?: LiveExecution }>();

  put(claim: Claim): void {
    this.byId.set(claim.command.id, claim);
  }

  of(commandId: string): Claim | undefined {
    return this.byId.get(commandId);
  }

  all(): Iterable<Claim> {
    return this.byId.values();
  }

  /** Where a command keeps the child that it began. */
  callOf(command: Command): { child?: LiveExecution } {
    const call = this.calls.get(command.id) ?? {};
    this.calls.set(command.id, call);
    return call;
  }

  /** It has ended. */
  drop(command: Command): void {
    this.byId.delete(command.id);
    this.calls.delete(command.id);
  }
}

/** Seconds from one delivery to the next: under the ten minutes after which an execution counts as silent. */
const EVERY_SECONDS = [100, 200] as const;

/**
 * A tool that outlasts the bus's deadline every time: the bus delivers the command again, and another worker claims it.
 * Ends with the execution's cancel, and answers the worker that had the command last.
 */
export async function redeliverUntilCancelled(
  { execution, command, worker: first }: Claim,
  find: () => string | null,
  keep: (claim: Claim) => void,
  { log, random, signal }: LiveEngineOptions,
): Promise<string> {
  const { run } = execution;
  let worker = first;
  while (!execution.cancelled && !run.ended) {
    for (let left = random.between(...EVERY_SECONDS); left > 0 && !execution.cancelled; left--)
      await pause(1000, signal);
    const next = execution.cancelled ? null : find();
    if (!next) continue;
    if (!(await log.claim(run, claimEvent(command, next), run.claim(command, next, Date.now()), true))) break;
    worker = next;
    keep({ execution, command, worker });
    await log.append(run, run.start(command, worker, Date.now()));
  }
  return worker;
}
