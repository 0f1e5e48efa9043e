import { alreadyEnded } from '../domain/cancellation.js';
import type { ExecutionId } from '../domain/execution-id.js';
import type { CancelReport, CancelService } from '../service/cancel/cancel.js';
import { newCancelRequest } from '../service/cancel/cancel-plan.js';
import { type CancelResult, cancelResults } from '../service/cancel/cancel-results.js';
import { StoreError } from '../store/errors.js';

/** How many cancels are planned and written at a time: what waits here takes no connection from what is under way. */
const AT_ONCE = 4;

export interface CancelCall {
  readonly executionId: ExecutionId;
  readonly reason: string | null;
  readonly cascade: boolean;
  readonly cancelledBy: string;
}

export type CancelAnswer = Pick<CancelResult, 'kind' | 'cancelled' | 'message' | 'failures'>;

/**
 * Cancels that come at the same time. Callers who ask for the same execution wait for the first of them and are answered
 * from its result where that settles theirs; a thousand of them cost one cancel.
 */
export class CancelCoalescer {
  readonly #underWay = new Map<ExecutionId, { readonly cascade: boolean; readonly answer: Promise<CancelAnswer> }>();
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(
    private readonly service: CancelService,
    private readonly source: string,
  ) {}

  async cancel(call: CancelCall): Promise<CancelAnswer> {
    for (;;) {
      const first = this.#underWay.get(call.executionId);
      if (!first) return this.#lead(call);
      const answer = await first.answer.catch(() => null);
      const settles = answer !== null && (first.cascade || !call.cascade);
      if (settles && answer.kind === 'cancelled') {
        return { kind: 'ended', cancelled: [], message: alreadyEnded(call.executionId, 'CANCELLED'), failures: [] };
      }
      if (settles && (answer.kind === 'ended' || answer.kind === 'unknown')) return answer;
    }
  }

  #lead(call: CancelCall): Promise<CancelAnswer> {
    const answer = this.#inTurn(() => this.#run(call)).finally(() => this.#underWay.delete(call.executionId));
    this.#underWay.set(call.executionId, { cascade: call.cascade, answer });
    return answer;
  }

  async #run(call: CancelCall): Promise<CancelAnswer> {
    const request = newCancelRequest({
      reason: call.reason,
      cancelledBy: call.cancelledBy,
      cascade: call.cascade,
      source: this.source,
    });
    const plan = await this.service.plan([call.executionId], { cascade: call.cascade });
    // As where the one database is away: nothing was done, and the same call may succeed later.
    const unread = plan.unread?.find(({ executionId }) => executionId === call.executionId);
    if (unread) throw new StoreError('unreachable', unread.message);
    const report = await this.service.run(plan, request);
    const [result] = cancelResults(report);
    if (!result) throw new Error(`no result for execution ${call.executionId}`);
    return { ...result, message: messageOf(result, report) };
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= AT_ONCE) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running += 1;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running -= 1;
    }
  }
}

/** The seed's words; who was first is in the log, and not part of them. */
function messageOf(result: CancelResult, { plan, outcomes }: CancelReport): string {
  if (result.kind !== 'ended') return result.message;
  const own = outcomes.find((outcome) => outcome.executionId === result.executionId);
  const before = plan.ended.find((ended) => ended.executionId === result.executionId);
  const as = own?.kind === 'ended' ? own.as : before?.as;
  return as ? alreadyEnded(result.executionId, as) : result.message;
}
