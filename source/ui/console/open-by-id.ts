import type { Execution } from '../../domain/execution.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import type { Diagnosis } from '../../domain/staleness/staleness-types.js';
import { openCancel } from '../rows/list-row.js';
import type { ConsoleContext } from '../shell/console-context.js';
import { errorText, isAbort } from '../shell/notices.js';
import type { IdAction } from './commands.js';

interface Known {
  readonly execution: Execution;
  readonly diagnosis: Diagnosis | null;
}

/** Opens screens on executions that were typed: from what is loaded, else from the database, however old they are. */
export class OpenById {
  #reading: AbortController | null = null;

  constructor(
    private readonly context: ConsoleContext,
    /** The screen on top: what is found late does not cover another one. */
    private readonly top: () => object,
  ) {}

  async open(action: IdAction, ids: readonly ExecutionId[]): Promise<void> {
    this.stop();
    const { notices, feed } = this.context;
    const loaded = new Map<ExecutionId, Known>();
    for (const id of ids) {
      const row = feed.snapshot().rows.get(id);
      if (row) loaded.set(id, row);
    }
    const missing = ids.filter((id) => !loaded.has(id));
    if (missing.length === 0) {
      this.#show(action, ids, loaded);
      return;
    }
    const reading = new AbortController();
    this.#reading = reading;
    const askedOn = this.top();
    notices.say(`looking for ${missing.join(', ')}…`);
    try {
      const found = await this.#read(action, missing, reading.signal);
      if (reading.signal.aborted) return;
      notices.clear();
      for (const [id, known] of found) loaded.set(id, known);
      if (loaded.size === 0) notices.say(`Execution ${missing[0]} not found`, 'warn');
      else if (this.top() === askedOn) this.#show(action, ids, loaded);
      else notices.say(`found ${[...loaded.keys()].join(', ')}: enter it again to open it`);
    } catch (error) {
      if (reading.signal.aborted || isAbort(error)) return;
      notices.say(`${missing.join(', ')} could not be read: ${errorText(error)}`, 'bad');
    }
  }

  stop(): void {
    this.#reading?.abort();
  }

  /** A cancel needs the diagnosis too: an unsafe target is asked about. */
  async #read(
    action: IdAction,
    ids: readonly ExecutionId[],
    signal: AbortSignal,
  ): Promise<Iterable<[ExecutionId, Known]>> {
    const { describe, services } = this.context;
    if (action === 'cancel') return describe.describe(ids, { staleAfterMs: this.context.staleAfterMs(), signal });
    const { executions } = await services.store.executionsById(ids, { signal });
    return executions.map((execution) => [execution.executionId, { execution, diagnosis: null }]);
  }

  #show(action: IdAction, ids: readonly ExecutionId[], known: ReadonlyMap<ExecutionId, Known>): void {
    const { context } = this;
    const [id] = ids;
    if (id === undefined) return;
    if (action === 'timeline') context.open('timeline', id, known.get(id)?.execution.path ?? null);
    else if (action !== 'cancel') context.open(action, id);
    else
      openCancel(
        context,
        ids.map((each) => [each, known.get(each)]),
      );
  }
}
