import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSilent } from '../../../source/domain/execution-status.js';
import { DEFAULT_THRESHOLDS, heartbeatsOf, type StaleFacts } from '../../../source/domain/staleness/stale-facts.js';
import { diagnose } from '../../../source/domain/staleness/staleness.js';
import { SAFE_CODES, STALE_CODES } from '../../../source/domain/staleness/staleness-types.js';
import { event, NOW } from '../../helpers/stale-facts.js';

const at = fc.integer({ min: 0, max: 30 * 86_400_000 }).map((age) => NOW - age);
const node = fc.option(fc.constantFrom('load', 'approve', '\u001b[31m', ''), { nil: null });
const worker = fc.option(fc.constantFrom('w1', 'w2', 'w3', 'w4'), { nil: null });
const word = fc.oneof(
  fc.constantFrom(
    'step.exit',
    'command.completed',
    'command.issued',
    'playbook_started',
    'loop.stalled',
    'subscription.x',
    '',
  ),
  fc.string(),
);
const summary = fc.record({ type: word, at, node }).map((one) => event(one.type, one.at, one.node));
const relative = fc.record({ executionId: fc.constantFrom('1', '2', '3'), lastEvent: summary });
const outstanding = fc.record({
  commandKey: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
  node,
  stage: fc.constantFrom('issued' as const, 'claimed' as const, 'started' as const),
  workerId: worker,
  eventType: word,
  at,
});

const anyFacts: fc.Arbitrary<StaleFacts> = fc.record({
  executionId: fc.constant('9'),
  newestOnly: fc.constant(null),
  lastEvent: summary,
  outstanding: fc.array(outstanding, { maxLength: 6 }),
  pendingCallback: fc.option(fc.record({ commandKey: fc.constant('p'), node, eventType: word, at }), {
    nil: null,
    freq: 3,
  }),
  lastFinished: fc.option(fc.record({ type: word, node, at }), { nil: null }),
  bulkLoad: fc.option(
    fc.record({
      ingestTime: fc.constant('2026-05-01T00:00:00.000001Z'),
      at,
      lagMs: fc.nat(),
      others: fc.integer({ min: 1, max: 9 }),
    }),
    { nil: null },
  ),
  parent: fc.option(
    fc.record({
      executionId: fc.constant('5'),
      lastEvent: summary,
      status: fc.constantFrom('RUNNING' as const, 'COMPLETED' as const, 'FAILED' as const, 'CANCELLED' as const),
      endedAt: fc.option(at, { nil: null }),
    }),
    { nil: null },
  ),
  lastFailure: fc.option(
    fc.record({
      type: fc.constantFrom('command.failed', 'call.error'),
      node,
      at,
      text: fc.option(fc.string(), { nil: null }),
    }),
    { nil: null },
  ),
  stack: fc.option(fc.constantFrom('python' as const, 'rust' as const), { nil: null }),
  newestDescendant: fc.option(relative, { nil: null }),
  endedDescendant: fc.option(
    fc.record({
      executionId: fc.constant('7'),
      lastEvent: summary,
      status: fc.constantFrom('COMPLETED' as const, 'FAILED' as const),
    }),
    { nil: null, freq: 3 },
  ),
  fleet: fc.option(
    fc.record({
      liveWorkers: fc.subarray(['w1', 'w2', 'w3']).map((names) => new Set(names)),
      workersSince: fc.option(at, { nil: null }),
      reaperAt: fc.option(at, { nil: null }),
    }),
    { nil: null },
  ),
  recentClaims: fc.option(
    fc.record({
      workers: fc.subarray(['w1', 'w2', 'w3']).map((names) => new Set(names)),
      newestIssue: fc.option(at, { nil: null }),
      complete: fc.boolean(),
    }),
    { nil: null },
  ),
  heldDescendant: fc.option(
    fc.record({
      executionId: fc.constant('6'),
      lastEvent: summary,
      by: fc.constantFrom('callback' as const, 'claim' as const, 'recovering' as const, 'queued' as const),
      node,
      workerId: worker,
    }),
    { nil: null, freq: 3 },
  ),
  undecidedDescendant: fc.option(relative, { nil: null }),
  heartbeats: fc.option(
    fc
      .array(fc.tuple(fc.constantFrom('w1', 'w2', 'w3'), fc.option(at, { nil: null })))
      .map((pairs) => new Map([...pairs, ['server', NOW]] as [string, number | null][])),
    { nil: null },
  ),
});

const judge = (facts: StaleFacts) => diagnose(facts, NOW, DEFAULT_THRESHOLDS);
const progressing = (time: number) => !isSilent(time, NOW, DEFAULT_THRESHOLDS.staleAfterMs);
const mayLive = ({ heartbeats }: StaleFacts, workerId: string | null) => {
  if (heartbeats === null || workerId === null) return true;
  if (!heartbeats.has(workerId)) return false;
  const beat = heartbeats.get(workerId) ?? null;
  return beat === null || NOW - beat < 90_000;
};

/** Whether the engine's own recovery is still possible by what the leases show. */
function mayRecover({ fleet, stack, outstanding }: StaleFacts): boolean {
  if (!fleet || fleet.reaperAt === null || stack === 'rust') return false;
  const back = fleet.workersSince;
  const soon = outstanding.some((one) => one.stage === 'issued' && NOW - one.at < 600_000);
  const backLately = back !== null && NOW - back < 600_000;
  const waits = outstanding.some((one) => one.stage === 'issued');
  return soon || (waits && (fleet.liveWorkers.size === 0 || backLately));
}

describe('whatever the facts are', () => {
  it('nothing is safe where only the newest commands were read, and what is not safe anyway stays as it is', () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const [whole, newest] = [judge(facts), judge({ ...facts, newestOnly: 10_000 })];
        expect(newest).toMatchObject(whole.safe ? { code: 'unknown', safe: false } : whole);
        expect(newest.evidence.sentence.startsWith(whole.evidence.sentence)).toBe(true);
      }),
    );
  });

  it('there is a code of the list, a sentence, and safe is what the code says', () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const { code, safe, evidence } = judge(facts);
        expect(STALE_CODES).toContain(code);
        expect(safe).toBe(SAFE_CODES.has(code));
        expect(evidence.sentence.length).toBeGreaterThan(10);
        expect(evidence.ageMs === null || evidence.ageMs >= 0).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('nothing with a live claim, a pending callback, or a progressing or healthy relative is safe', () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const healthy =
          facts.pendingCallback !== null ||
          facts.heldDescendant !== null ||
          (facts.endedDescendant !== null && progressing(facts.endedDescendant.lastEvent.at)) ||
          (facts.fleet === null &&
            facts.bulkLoad === null &&
            facts.outstanding.some((one) => one.stage === 'issued')) ||
          mayRecover(facts) ||
          facts.outstanding.some((one) => one.stage !== 'issued' && mayLive(facts, one.workerId)) ||
          (facts.newestDescendant !== null && progressing(facts.newestDescendant.lastEvent.at)) ||
          (facts.parent?.status === 'RUNNING' && progressing(facts.parent.lastEvent.at));
        if (healthy) expect(judge(facts).safe).toBe(false);
      }),
      { numRuns: 5000 },
    );
  });

  it('the order in which commands are listed does not matter', () => {
    const shuffled = anyFacts.chain((facts) => {
      const unique = [...new Map(facts.outstanding.map((one) => [one.commandKey, one])).values()];
      return fc.tuple(
        fc.constant({ ...facts, outstanding: unique }),
        fc.shuffledSubarray(unique, { minLength: unique.length }),
      );
    });
    fc.assert(
      fc.property(shuffled, ([facts, order]) => {
        expect(judge({ ...facts, outstanding: order })).toEqual(judge(facts));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('liveness from noetl.runtime', () => {
  const row = (name: string, kind: string | null, heartbeatAt: number | null) => ({
    name,
    kind,
    status: 'ready',
    heartbeatAt,
    createdAt: null,
  });

  it('is unknown without a worker among the rows', () => {
    expect(heartbeatsOf(null)).toBeNull();
    expect(heartbeatsOf([])).toBeNull();
    expect(heartbeatsOf([row('api', 'server_api', NOW), row('nats', 'broker', NOW)])).toBeNull();
  });

  it('takes the newest heartbeat of a name', () => {
    const rows = [row('w', 'worker_pool', NOW - 5), row('w', 'worker_pool', null), row('w', 'worker_pool', NOW - 9)];
    expect(heartbeatsOf(rows)?.get('w')).toBe(NOW - 5);
  });
});
