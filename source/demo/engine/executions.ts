import { ExecutionRun } from './execution-run.js';
import { type IdSource, timelessId } from './id-source.js';
import type { Fate, Playbook } from './playbook.js';
import { playbookAt } from './playbooks.js';
import type { Random } from './random.js';

/** Who calls a new execution. */
export interface Caller {
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
