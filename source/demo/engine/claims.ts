import type { Command } from './command.js';
import type { LiveExecution } from './live-execution.js';

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
