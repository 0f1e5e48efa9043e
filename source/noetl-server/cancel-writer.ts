import type { CancelRequest, CancelTarget } from '../domain/cancellation.js';
import type { EpochMs } from '../domain/execution.js';
import type { CancelWriter } from '../store/cancellations/cancel-writer.js';
import type { CancelState, CancelStateReader } from '../store/cancellations/records.js';
import { StoreError } from '../store/errors.js';
import type { AppendResult } from '../store/event-store.js';
import { type CallOutcome, type CancelCall, cancelInOneCall, cancelOnPython } from './cancel-calls.js';
import type { ServerClient, ServerError } from './client.js';
import { groupsOf, isHalfCancelled, whyNot } from './judgement.js';
import { PATIENCE, type Patience } from './patience.js';
import { probeServer, type ServerFacts, type ServerKind } from './probe.js';
import { cancelOnRust } from './rust-cancel.js';

/** noetl-console's own API takes executions of either stack: it knows how each is cancelled. */
const CANCEL_ON: Readonly<Record<ServerKind, (call: CancelCall) => Promise<CallOutcome>>> = {
  rust: cancelOnRust,
  python: cancelOnPython,
  console: cancelInOneCall,
};

/** So that progress is seen while calls are slow. */
const EXECUTIONS_AT_ONCE = 40;

export interface ServerWriterOptions {
  readonly client: ServerClient;
  /** Reads stay with the table: what has ended is never sent to the server. */
  readonly store: CancelStateReader;
  readonly patience?: Patience;
}

/** Cancels by calls to a NoETL server. */
export const serverCancelWriter = (options: ServerWriterOptions): CancelWriter => new ServerCancelWriter(options);

interface AppendOptions {
  readonly quietSince?: EpochMs;
  readonly signal?: AbortSignal;
}

class ServerCancelWriter implements CancelWriter {
  readonly via = 'api';
  readonly executionsAtOnce = EXECUTIONS_AT_ONCE;
  readonly #client: ServerClient;
  readonly #store: CancelStateReader;
  readonly #patience: Patience;
  #facts: Promise<ServerFacts> | null = null;

  constructor({ client, store, patience = PATIENCE }: ServerWriterOptions) {
    this.#client = client;
    this.#store = store;
    this.#patience = patience;
  }

  async prepare(): Promise<void> {
    await this.#server();
  }

  async unfinished(ids: readonly string[], signal?: AbortSignal): Promise<ReadonlySet<string>> {
    const states = await this.#store.cancelStates(ids, signal ? { signal } : {});
    return new Set([...states.values()].filter(isHalfCancelled).map((state) => state.executionId));
  }

  async append(
    targets: readonly CancelTarget[],
    request: CancelRequest,
    options: AppendOptions = {},
  ): Promise<AppendResult[]> {
    const server = await this.#server();
    const results: AppendResult[] = [];
    let broken: StoreError | null = null;
    let touched = false;
    for (const group of groupsOf(targets)) {
      if (broken !== null || options.signal?.aborted) {
        results.push(...group.map(({ executionId }) => leftOut(executionId, broken)));
        continue;
      }
      const outcomes = await this.#group(group, request, options, server).catch((error: unknown) => {
        if (!(error instanceof StoreError)) throw error;
        return error;
      });
      if (outcomes instanceof StoreError) {
        if (!touched) throw outcomes;
        broken = outcomes;
        results.push(...group.map(({ executionId }) => leftOut(executionId, outcomes)));
        continue;
      }
      results.push(...outcomes.map((outcome) => outcome.result));
      touched ||= outcomes.some((outcome) => outcome.touched);
      broken = outcomes.find((outcome) => outcome.broken !== null)?.broken ?? null;
    }
    // The next call finds out anew whether the server is there.
    if (broken !== null) this.#facts = null;
    if (broken !== null && !touched) throw broken;
    return results;
  }

  /** One look at the table right before the calls, and then the calls. */
  async #group(
    group: readonly CancelTarget[],
    request: CancelRequest,
    { quietSince }: AppendOptions,
    { kind }: ServerFacts,
  ): Promise<CallOutcome[]> {
    const ids = group.map((target) => target.executionId);
    const states = await this.#store.cancelStates(ids);
    const outcomes = await Promise.all(
      group.map(async (target): Promise<CallOutcome> => {
        const state = states.get(target.executionId);
        const result = whyNot(target.executionId, state, { batchId: request.batchId, quietSince });
        if (result !== null) return { result, broken: null, touched: true };
        // whyNot has answered for what has no state.
        return this.#one(target, request, state!, kind);
      }),
    );
    return outcomes;
  }

  async #one(target: CancelTarget, request: CancelRequest, state: CancelState, kind: ServerKind): Promise<CallOutcome> {
    const { executionId } = target;
    const look = async () => (await this.#store.cancelStates([executionId])).get(executionId);
    const call = { target, request, state, look, client: this.#client, patience: this.#patience };
    try {
      return await CANCEL_ON[kind](call);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      // The table could not be read between the calls: what the server has done by then is not known here.
      const message = `the server was asked, and the table could not be read: ${error.message}`;
      return { result: { executionId, kind: 'outcome-unknown', message }, broken: null, touched: true };
    }
  }

  #server(): Promise<ServerFacts> {
    this.#facts ??= probeServer(this.#client).catch((error: ServerError) => {
      this.#facts = null;
      throw error;
    });
    return this.#facts;
  }
}

const leftOut = (executionId: string, broken: StoreError | null): AppendResult =>
  broken === null
    ? { executionId, kind: 'not-attempted' }
    : { executionId, kind: 'failed', message: `not tried: ${broken.message}` };
