import { cancelRows } from '../domain/cancellation.js';
import { executionStatus } from '../domain/execution-status.js';
import { snowflakeTime } from '../domain/snowflake.js';
import type { CancelState } from '../store/cancellations/records.js';
import {
  type CallOutcome,
  type CancelCall,
  cancelAnswer,
  done,
  fail,
  nonsense,
  refused,
  shown,
  unclear,
} from './cancel-calls.js';
import { type Answer, idOf, NoAnswer, ServerError, saidOf } from './client.js';
import { CLAIMS_CLOSED, isHalfCancelled } from './judgement.js';
import { patiently } from './patience.js';
import { unreachable } from './probe.js';

const isStopped = (state: CancelState | undefined): boolean =>
  state !== undefined && executionStatus(state.terminalTypes).status === 'CANCELLED';

/**
 * Cancels one execution through the Rust server: a first call that stops its drive, and an event that closes its claims
 * and carries who and why. Source: event-store.md, "What a cancel reaches, by the server's mode".
 */
export async function cancelOnRust(call: CancelCall): Promise<CallOutcome> {
  if (!isHalfCancelled(call.state)) {
    const stopped = await stopDrive(call);
    if (stopped !== null) return stopped;
  }
  return closeClaims(call);
}

/** The first call; null once the drive has been stopped. */
async function stopDrive(call: CancelCall): Promise<CallOutcome | null> {
  const first = await cancelAnswer(call, undefined, isStopped);
  if ('outcome' in first) return first.outcome;
  const { answer } = first;
  if (answer === 'done') return null;
  if (answer.status === 422) return judged(call, answer);
  if (answer.status < 200 || answer.status > 299) return refused(call, answer);
  const isOurs = answer.body?.status === 'cancelled' && idOf(answer.body.execution_id) === call.target.executionId;
  return isOurs ? null : nonsense(call, answer);
}

/**
 * 422 says that the server takes the execution for ended. It also does so for a failed step, of which it writes no end:
 * its sweeps go on with such an execution and its claims stay open. What the table shows decides.
 */
async function judged(call: CancelCall, answer: Answer): Promise<CallOutcome | null> {
  const { executionId } = call.target;
  const said = saidOf(answer.body);
  const state = await call.look();
  const { status } = executionStatus(state?.terminalTypes ?? []);
  if (state && status !== 'RUNNING') {
    if (isHalfCancelled(state)) return null;
    return done({ executionId, kind: 'ended', as: status, endedBy: state.cancel?.cancelledBy ?? null });
  }
  // The log is behind the server: it has the row already.
  if (/\bCANCELLED\b/.test(said)) return null;
  if (/\bCOMPLETED\b/.test(said)) return done({ executionId, kind: 'ended', as: 'COMPLETED', endedBy: null });
  if (!/\bFAILED\b/.test(said)) return refused(call, answer);
  // No end was written. The event that the refused call would have written goes the way of all events.
  return sendEvent(
    call,
    'playbook.cancelled',
    isStopped,
    (why) => `a failed step ended nothing, and its cancel was not taken (${why})`,
  );
}

/** The second call, repeated for as long as a server takes to restart: until it is through, the cancel is half done. */
async function closeClaims(call: CancelCall): Promise<CallOutcome> {
  let answered: Answer | null = null;
  const problem = await sendEvent(
    call,
    CLAIMS_CLOSED,
    (state) => shown(state) !== null,
    (why) =>
      `only half done: its drive has stopped, and the event that closes its claims was not taken (${why}); the same cancel again finishes it`,
    (answer) => {
      answered = answer;
    },
  );
  if (problem) return problem;
  const eventId = idOf((answered as Answer | null)?.body?.event_id);
  const visible = shown(await call.look().catch(() => undefined));
  if (visible) return done(visible);
  if (eventId === null) return unclear(call, 'the server took the cancel, and the table does not show it yet');
  // Where the server only publishes, the row reaches the table later; its id says when it was made.
  const at = snowflakeTime(BigInt(eventId), 'rust');
  return done({ executionId: call.target.executionId, kind: 'appended', eventId, at });
}

/** One event of the cancel with its reason and who; null once the server has it, or the table shows it. */
async function sendEvent(
  call: CancelCall,
  eventType: string,
  isDone: (state: CancelState | undefined) => boolean,
  told: (why: string) => string,
  onAnswer?: (answer: Answer) => void,
): Promise<CallOutcome | null> {
  const { target, request, client, patience, look } = call;
  // The first row is the cancel itself, which is always there.
  const row = cancelRows(target, request)[0]!;
  const event = {
    execution_id: target.executionId,
    step: row.node,
    event_type: eventType,
    status: row.status,
    context: row.context,
    meta: row.meta,
  };
  const failed = (why: string, broken: ServerError | null): CallOutcome => ({ ...fail(call, told(why)), broken });
  try {
    // A second row of one batch closes nothing twice, so any failure of the server is worth another try.
    const answer = await patiently(
      patience,
      () => client.call('POST', '/events', event),
      async () => isDone(await look()),
      ({ status }) => status === 429 || status >= 500,
    );
    if (answer === null) return null;
    const { url } = client.address;
    if (answer.status < 200 || answer.status > 299) {
      const why = `${answer.status} ${saidOf(answer.body) || answer.form}`;
      const isDown = answer.status >= 500;
      return failed(why, isDown ? new ServerError('busy', `the NoETL server at ${url} answers ${why}`) : null);
    }
    if (idOf(answer.body?.event_id) === null) {
      return isDone(await look())
        ? null
        : failed(`it answered ${answer.body === null ? answer.form : 'no event id'}`, null);
    }
    onAnswer?.(answer);
    return null;
  } catch (error) {
    if (error instanceof ServerError) return failed(error.message, error);
    if (!(error instanceof NoAnswer)) throw error;
    return failed(`no answer: ${error.message}`, unreachable(client.address.url, error));
  }
}
