import type { TerminalStatus } from '../../domain/execution-status.js';
import { type EventDraft, type IdSource, timelessId } from './event-row.js';
import {
  type Command,
  ENDLESS,
  type Fate,
  MAX_IN_FLIGHT,
  type Playbook,
  SLOW_FACTOR,
  type Step,
  type ToolOutcome,
} from './playbook.js';
import { playbookAt } from './playbooks.js';
import { pythonForm } from './python-form.js';
import type { Random } from './random.js';
import { rustForm } from './rust-form.js';
import type { ExecutionIdentity, StackForm, Successor } from './stack-form.js';

/** What the orchestrator wants written, and the commands that this sets free for workers. */
export interface Reaction {
  readonly drafts: readonly EventDraft[];
  readonly issued: readonly Command[];
}

const NOTHING: Successor = { enters: null, issues: [], ends: null, stepEnds: false };

/**
 * The orchestrator's view of one execution: which step it is at and what comes next. It knows neither database nor
 * clock, so the same runs make up the backdated history in virtual time and the live demo in real time.
 */
export class ExecutionRun {
  readonly form: StackForm;
  /** How it ended, as far as the orchestrator knows. */
  ended: TerminalStatus | null = null;
  private stepIndex = 0;
  private issuedInStep = 0;
  private stepTotal = 1;
  private openCommands = 0;

  constructor(
    readonly identity: ExecutionIdentity,
    private readonly ids: IdSource,
    private readonly random: Random,
    private readonly fates: readonly Fate[] = [],
  ) {
    this.form = identity.playbook.stack === 'rust' ? rustForm : pythonForm;
  }

  begin(at: number): Reaction {
    const issued = this.issueStep(at);
    return { drafts: this.form.begin(this.identity, issued, at), issued };
  }

  claim(command: Command, worker: string, at: number): EventDraft[] {
    return this.form.claim(this.identity, command, worker, at);
  }

  start(command: Command, worker: string, at: number): EventDraft[] {
    return this.form.start(this.identity, command, worker, at);
  }

  finish(command: Command, worker: string, outcome: ToolOutcome, at: number): Reaction {
    this.openCommands--;
    const successor = this.succeed(command, outcome, at);
    this.ended ??= successor.ends;
    return {
      drafts: this.form.finish(this.identity, command, { worker, outcome, successor, at }),
      issued: successor.issues,
    };
  }

  private succeed(command: Command, outcome: ToolOutcome, at: number): Successor {
    if (outcome.kind === 'parked' || this.ended) return NOTHING;
    if (outcome.kind === 'error')
      return { ...NOTHING, ends: command.fate === 'abandon' ? null : 'FAILED', stepEnds: true };
    const step = command.step;
    if (this.issuedInStep < this.stepTotal) return { ...NOTHING, issues: [this.issue(step, at)] };
    if (this.openCommands > 0) return NOTHING;
    if (command.fate === 'silence') return { ...NOTHING, stepEnds: true };
    this.stepIndex++;
    this.issuedInStep = 0;
    const enters = this.identity.playbook.steps[this.stepIndex] ?? null;
    if (!enters) return { ...NOTHING, ends: 'COMPLETED', stepEnds: true };
    return { enters, issues: this.issueStep(at), ends: null, stepEnds: true };
  }

  private issueStep(at: number): Command[] {
    const step = this.identity.playbook.steps[this.stepIndex];
    if (!step) return [];
    this.stepTotal = this.totalOf(step);
    const atOnce = step.iterations === undefined ? 1 : (step.inFlight ?? MAX_IN_FLIGHT);
    return Array.from({ length: Math.min(this.stepTotal, atOnce) }, () => this.issue(step, at));
  }

  private totalOf(step: Step): number {
    if (this.fateOf(step) === 'endless') return ENDLESS;
    if (!step.repeats) return step.iterations ?? 1;
    const [from, to] = step.repeats;
    return from + this.random.below(to - from + 1);
  }

  private fateOf(step: Step): Fate['kind'] | null {
    const { path } = this.identity.playbook;
    return this.fates.find((fate) => fate.path === path && fate.step === step.name)?.kind ?? null;
  }

  private issue(step: Step, at: number): Command {
    const index = this.issuedInStep++;
    this.openCommands++;
    const iteration = step.iterations === undefined ? null : { index, total: this.stepTotal };
    const fate = this.fateOf(step);
    const drawn = this.ids.at(at, this.form.layout);
    const seconds = this.random.between(...step.seconds) * (fate === 'slow' ? SLOW_FACTOR : 1);
    return {
      id: this.form.commandId(this.identity, step, iteration ? index : null, drawn),
      executionId: this.identity.executionId,
      step,
      iteration,
      seconds: Math.round(seconds * 1000) / 1000,
      // The silence falls after a step's last command, every other fate on its first.
      fate: index === (fate === 'silence' ? this.stepTotal - 1 : 0) ? fate : null,
    };
  }
}

/** Who calls a new execution. */
interface Caller {
  readonly executionId: string;
  readonly inline: boolean;
}

/** Makes executions of the demo's playbooks, for the history and for the live engine alike. */
export class Executions {
  constructor(
    readonly ids: IdSource,
    private readonly catalogIds: ReadonlyMap<string, string>,
  ) {}

  /** A new execution that begins at a time in milliseconds; it has written nothing yet. */
  create(path: string, at: number, random: Random, caller: Caller | null, fates: readonly Fate[] = []): ExecutionRun {
    const playbook = playbookAt(path);
    const layout = playbook.stack === 'rust' ? 'rust' : 'database';
    const id = caller?.inline ? timelessId(random) : this.ids.at(at, layout);
    const identity = {
      executionId: id.toString(),
      catalogId: this.catalogIdOf(playbook),
      playbook,
      parentExecutionId: caller?.executionId ?? null,
      inline: caller?.inline ?? false,
    };
    return new ExecutionRun(identity, this.ids, random, fates);
  }

  private catalogIdOf(playbook: Playbook): string {
    const id = this.catalogIds.get(playbook.path);
    if (!id) throw new RangeError(`no catalog row for ${playbook.path}`);
    return id;
  }
}
