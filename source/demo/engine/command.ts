import type { Fate, Step } from './playbook.js';

/** One command of an execution: a step, or one iteration of a loop. */
export interface Command {
  /** The value of meta->>'command_id' (Rust) or of the column command_id (Python). */
  readonly id: string;
  readonly executionId: string;
  readonly step: Step;
  readonly iteration: { readonly index: number; readonly total: number } | null;
  /** How long the tool takes, in seconds. */
  readonly seconds: number;
  readonly fate: Fate['kind'] | null;
}

/** How a tool came out. */
export type ToolOutcome =
  | { readonly kind: 'done'; readonly childExecutionId?: string }
  | { readonly kind: 'error'; readonly message: string }
  | { readonly kind: 'parked' };

/** What a tool that is not a sub-playbook comes back with. */
export function outcomeOf(command: Command): ToolOutcome {
  if (command.step.callback) return { kind: 'parked' };
  if (command.fate !== 'fail' && command.fate !== 'abandon') return { kind: 'done' };
  return { kind: 'error', message: `${command.step.tool}: upstream answered 503\nafter 3 attempts` };
}

/** What a parent's worker makes of a sub-playbook that failed or was cancelled. */
export const childFailed = (childExecutionId: string): ToolOutcome => ({
  kind: 'error',
  message: `sub-playbook ${childExecutionId} did not complete`,
});
