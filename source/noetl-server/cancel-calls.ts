import type { CancelRequest, CancelTarget } from '../domain/cancellation.js';
import type { CancelState } from '../store/cancellations/records.js';
import type { AppendResult } from '../store/event-store.js';
import { type Answer, NoAnswer, type ServerClient } from './client.js';
import { ServerError } from './errors.js';
import { saidOf } from './json.js';
import { CLAIMS_CLOSED } from './judgement.js';
import { isNotNow, type Patience, patiently } from './patience.js';
import { OTHERWISE, unreachable } from './probe.js';

/** One execution to cancel through a server, and what its calls need. */
export interface CancelCall {
  readonly target: CancelTarget;
  readonly request: CancelRequest;
  readonly state: CancelState;
  readonly client: ServerClient;
  readonly patience: Patience;
  /** The table as it is now. */
  readonly look: () => Promise<CancelState | undefined>;
}

/** What became of one execution: its result, and what keeps every other from being tried, if anything does. */
export interface CallOutcome {
  readonly result: AppendResult;
  readonly broken: ServerError | null;
  /** False where no call for it reached the server. */
  readonly touched: boolean;
}

export const done = (result: AppendResult): CallOutcome => ({ result, broken: null, touched: true });
export const fail = ({ target }: CancelCall, message: string): CallOutcome =>
  done({ executionId: target.executionId, kind: 'failed', message });
export const unclear = ({ target }: CancelCall, message: string, broken: ServerError | null = null): CallOutcome => ({
  result: { executionId: target.executionId, kind: 'outcome-unknown', message },
  broken,
  touched: true,
});
const notTried = ({ target }: CancelCall, broken: ServerError): CallOutcome => ({
  result: { executionId: target.executionId, kind: 'failed', message: broken.message },
  broken,
  touched: false,
});

/** The answer to the call that cancels, `done` where the answer was lost and the table shows the cancel, or the outcome. */
export async function cancelAnswer(
  call: CancelCall,
  body: object | undefined,
  isDone: (state: CancelState | undefined) => boolean,
): Promise<{ readonly answer: Answer | 'done' } | { readonly outcome: CallOutcome }> {
  const { client, target, patience } = call;
  const { url } = client.address;
  try {
    const answer = await patiently(
      patience,
      () => client.call('POST', `/executions/${target.executionId}/cancel`, body),
      async () => isDone(await call.look()),
    );
    if (answer === null) return { answer: 'done' };
    if (isNotNow(answer)) {
      const broken = new ServerError(
        'busy',
        `the NoETL server at ${url} cannot serve it now (${answer.status}); ${OTHERWISE}`,
      );
      return { outcome: notTried(call, broken) };
    }
    if (answer.status === 404) return { outcome: unknownThere(call, answer) };
    return { answer };
  } catch (error) {
    if (error instanceof ServerError) return { outcome: notTried(call, error) };
    if (!(error instanceof NoAnswer)) throw error;
    const broken = unreachable(url, error);
    return {
      outcome: error.sent
        ? unclear(call, `the server did not answer (${error.message})`, broken)
        : notTried(call, broken),
    };
  }
}

/** The table knows the execution and the server does not, or what answers is no NoETL server. */
function unknownThere(call: CancelCall, answer: Answer): CallOutcome {
  const { url } = call.client.address;
  const { executionId } = call.target;
  if (saidOf(answer.body).includes(executionId)) {
    return fail(call, `the NoETL server at ${url} does not know it; is it the server of this database?`);
  }
  const broken = new ServerError(
    'no-database',
    `${url} has no cancel endpoint (404); is it a NoETL server? Check --server`,
  );
  return notTried(call, broken);
}

/** A 2xx that is not what NoETL answers: a proxy's page, or another program. What it did is not known. */
export function nonsense(call: CancelCall, answer: Answer): CallOutcome {
  const { url } = call.client.address;
  const what = answer.body === null ? answer.form : 'something else than NoETL does';
  const message = `${url} answered ${what} (${answer.status}); check --server`;
  return unclear(call, message, new ServerError('no-database', `${message}, or write to the table with --via table`));
}

/** The same for an answer that refuses. */
export const refused = (call: CancelCall, answer: Answer): CallOutcome => {
  const said = saidOf(answer.body) || `it answered ${answer.form}`;
  return fail(call, `the NoETL server refuses it (${answer.status}): ${said}`);
};

/** `execution.cancelled` as the table shows it. */
export const shown = (state: CancelState | undefined): AppendResult | null =>
  state?.cancel && state.terminalTypes.includes(CLAIMS_CLOSED)
    ? { executionId: state.executionId, kind: 'appended', eventId: state.cancel.eventId, at: state.cancel.at }
    : null;
