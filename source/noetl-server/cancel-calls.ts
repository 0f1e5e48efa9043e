import type { CancelRequest, CancelTarget } from '../domain/cancellation.js';
import { executionStatus } from '../domain/execution-status.js';
import type { CancelState } from '../store/cancellations/records.js';
import type { AppendResult } from '../store/event-store.js';
import { type Answer, idOf, NoAnswer, refusalOf, type ServerClient, ServerError, saidOf } from './client.js';
import { CLAIMS_CLOSED, isCancelled } from './judgement.js';
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
        `the NoETL server at ${url} cannot serve it now (${refusalOf(answer)}); ${OTHERWISE}`,
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

/** The table knows the execution and the server does not, or what answers is not a NoETL server. */
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

/**
 * Cancels one execution through the Python server. Its cascade would cancel what has ended too; ours is one call an
 * execution.
 */
export async function cancelOnPython(call: CancelCall): Promise<CallOutcome> {
  if (call.target.stack !== 'rust') return cancelInOneCall(call);
  return fail(
    call,
    "a Rust server started it, and the Python server's cancel does not stop its drive; use --via table or its own server",
  );
}

/**
 * Cancels one execution in the one call that the Python server and noetl-console's own API take alike. They keep a reason
 * and no name but their own, so the reason says who.
 */
export async function cancelInOneCall(call: CancelCall): Promise<CallOutcome> {
  const { target, request } = call;
  const first = await cancelAnswer(call, { reason: reasonOf(request), cascade: false }, isCancelled);
  if ('outcome' in first) return first.outcome;
  const { answer } = first;
  if (answer === 'done') return written(call);
  if (answer.status === 409 || answer.body?.status === 'already_completed') return judged(call, saidOf(answer.body));
  if (answer.status < 200 || answer.status > 299) return refused(call, answer);
  const ids = answer.body?.cancelled_executions;
  const isOurs =
    answer.body?.status === 'cancelled' && Array.isArray(ids) && ids.some((id) => idOf(id) === target.executionId);
  return isOurs ? written(call) : nonsense(call, answer);
}

const reasonOf = ({ reason, cancelledBy }: CancelRequest): string =>
  reason === null ? `by ${cancelledBy}` : `${reason} (by ${cancelledBy})`;

/** It writes before it answers, so what it says must be there. */
async function written(call: CancelCall): Promise<CallOutcome> {
  const visible = shown(await call.look());
  return visible
    ? done(visible)
    : unclear(
        call,
        'the server says that it is cancelled, and the table does not show it; is it the server of this database?',
      );
}

/** It looks at the latest event alone, and takes a failed command for an end. */
async function judged(call: CancelCall, said: string): Promise<CallOutcome> {
  const { executionId } = call.target;
  const state = await call.look();
  const { status } = executionStatus(state?.terminalTypes ?? []);
  if (state && status !== 'RUNNING') {
    return done({ executionId, kind: 'ended', as: status, endedBy: state.cancel?.cancelledBy ?? null });
  }
  return fail(call, `the server takes it for ended (${said}), and its log has no end; use --via table`);
}
