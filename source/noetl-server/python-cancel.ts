import type { CancelRequest } from '../domain/cancellation.js';
import { executionStatus } from '../domain/execution-status.js';
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
import { idOf, saidOf } from './json.js';
import { isCancelled } from './judgement.js';

/**
 * Cancels one execution through the Python server, in one call. That server keeps a reason and nothing else, so the
 * reason says who. Its cascade would cancel what has ended too; ours is one call an execution.
 */
export async function cancelOnPython(call: CancelCall): Promise<CallOutcome> {
  const { target, request } = call;
  if (target.stack === 'rust') {
    return fail(
      call,
      "a Rust server started it, and the Python server's cancel does not stop its drive; use --via table or its own server",
    );
  }
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
