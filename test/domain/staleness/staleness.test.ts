import { describe, expect, it } from 'vitest';
import { sentenceSaying } from '../../../source/domain/staleness/stale-evidence.js';
import { DEFAULT_THRESHOLDS, type StaleFacts } from '../../../source/domain/staleness/stale-facts.js';
import { diagnose, healthyHold, isUndecided } from '../../../source/domain/staleness/staleness.js';
import { command, event, facts, HOUR, MINUTE, NOW } from '../../helpers/stale-facts.js';

const judge = (known: Partial<StaleFacts>) => diagnose(facts(known), NOW, DEFAULT_THRESHOLDS);
const lost = new Map([
  ['worker-1', NOW - 10_000],
  ['worker-7', NOW - 134 * MINUTE],
]);

describe('the codes, each with its evidence', () => {
  it('awaiting-callback', () => {
    const pendingCallback = { commandKey: 'c9', node: 'approve', eventType: 'command.completed', at: NOW - 5 * HOUR };
    expect(judge({ pendingCallback })).toEqual({
      code: 'awaiting-callback',
      safe: false,
      evidence: {
        sentence: '`approve` has been waiting for an external callback since 11:16 UTC (5h)',
        namedAt: NOW - 5 * HOUR,
        eventType: 'command.completed',
        node: 'approve',
        commandId: 'c9',
        workerId: null,
        relatedExecutionId: null,
        at: NOW - 5 * HOUR,
        ageMs: 5 * HOUR,
        cohort: null,
      },
    });
  });

  it('waiting-on-child, for a descendant that is progressing', () => {
    const newestDescendant = { executionId: '200', lastEvent: event('command.started', NOW - 9_000) };
    const { code, safe, evidence } = judge({ newestDescendant });
    expect([code, safe, evidence.relatedExecutionId]).toEqual(['waiting-on-child', false, '200']);
    expect(evidence.sentence).toBe('its descendant 200 has not ended, last event 9s ago (`command.started` at `load`)');
  });

  it('the code of its descendant, for a silent one that is healthy', () => {
    const heldDescendant = {
      executionId: '200',
      lastEvent: event('command.started', NOW - HOUR),
      by: 'claim' as const,
      node: 'load',
      workerId: 'worker-1',
    };
    const { code, safe, evidence } = judge({ heldDescendant });
    expect([code, safe]).toEqual(['live-claim', false]);
    expect(evidence.sentence).toBe('its descendant 200 is at `load`, held by worker-1; last event 1h ago');
  });

  it('not waiting-on-child once the descendant is silent too', () => {
    const newestDescendant = { executionId: '200', lastEvent: event('command.started', NOW - 11 * MINUTE) };
    expect(judge({ newestDescendant }).code).toBe('no-successor');
  });

  it('parent-active, and orphaned once the parent has ended', () => {
    const parent = {
      executionId: '50',
      status: 'RUNNING' as const,
      endedAt: null,
      lastEvent: event('step.enter', NOW - 3 * MINUTE),
    };
    expect(judge({ parent })).toMatchObject({ code: 'parent-active', safe: false });
    expect(judge({ parent }).evidence.sentence).toBe('its parent 50 is active: `step.enter` at `load` 3m ago');
    const ended = { ...parent, status: 'FAILED' as const, endedAt: NOW - 26 * HOUR };
    expect(judge({ parent: ended })).toMatchObject({ code: 'orphaned', safe: true });
    expect(judge({ parent: ended }).evidence.sentence).toBe(
      'its parent 50 ended as FAILED 1d 2h ago, and this one did not end',
    );
    const silent = { ...parent, lastEvent: event('step.enter', NOW - 20 * MINUTE) };
    expect(judge({ parent: silent }).code).toBe('no-successor');
  });

  it('live-claim, however old the command is', () => {
    const { code, safe, evidence } = judge({ outstanding: [command('started', NOW - 30 * HOUR, 'worker-1')] });
    expect([code, safe]).toEqual(['live-claim', false]);
    expect(evidence.sentence).toBe('worker-1 started `load_orders` 1d 6h ago and is alive (heartbeat 10s ago)');
  });

  it('live-claim where liveness is unknown: no runtime rows, or a claim without a name', () => {
    const unknown = judge({ heartbeats: null, outstanding: [command('claimed', NOW - HOUR, 'worker-7')] });
    expect(unknown).toMatchObject({ code: 'live-claim', safe: false });
    expect(unknown.evidence.sentence).toBe(
      'worker-7 claimed `load_orders` 1h ago and has not ended it; worker liveness unknown',
    );
    expect(judge({ outstanding: [command('claimed', NOW - HOUR)] }).code).toBe('live-claim');
    expect(
      judge({ heartbeats: new Map([['worker-7', null]]), outstanding: [command('claimed', NOW - HOUR, 'worker-7')] })
        .code,
    ).toBe('live-claim');
  });

  it('imported', () => {
    const ingestTime = '2026-05-30T03:00:00.123456Z';
    const bulkLoad = { ingestTime, at: Date.UTC(2026, 4, 30, 3), lagMs: 50 * HOUR, others: 12 };
    const { code, safe, evidence } = judge({ bulkLoad, outstanding: [command('issued', NOW - 90 * HOUR)] });
    expect([code, safe, evidence.cohort]).toEqual(['imported', true, ingestTime]);
    expect(evidence.sentence).toBe(
      'its rows were loaded at 2026-05-30 03:00 UTC together with those of 12 other executions, 2d 2h after they were written: nothing runs it here',
    );
    expect(sentenceSaying(evidence, () => 'then')).toMatch(/^its rows were loaded at then together/);
  });

  it('worker-lost, for a silent worker and for one that is not registered', () => {
    const outstanding = [command('claimed', NOW - 134 * MINUTE, 'worker-7')];
    const { code, safe, evidence } = judge({ heartbeats: lost, outstanding });
    expect([code, safe, evidence.workerId, evidence.commandId]).toEqual(['worker-lost', true, 'worker-7', 'c1']);
    expect(evidence.sentence).toBe(
      'worker-7 claimed `load_orders` 2h 14m ago and has not been heard of since 14:02 UTC',
    );
    expect(sentenceSaying(evidence, () => 'then')).toMatch(/not been heard of since then$/);
    const gone = judge({ outstanding });
    expect(gone.code).toBe('worker-lost');
    expect(gone.evidence.sentence).toBe(
      'worker-7 claimed `load_orders` 2h 14m ago and is not in noetl.runtime any more',
    );
  });

  it('never-claimed', () => {
    const outstanding = [command('issued', NOW - 3 * HOUR), command('issued', NOW - 2 * HOUR, null, 'c2')];
    const { code, safe, evidence } = judge({ outstanding });
    expect([code, safe]).toEqual(['never-claimed', true]);
    expect(evidence.sentence).toBe('`load_orders` was issued 3h ago and no worker has claimed it (and 1 more like it)');
  });

  it('finalizing within the hour, no-successor from then on', () => {
    const at = (silent: number) =>
      judge({
        lastEvent: event('step.exit', NOW - silent),
        lastFinished: { type: 'step.exit', node: 'load', at: NOW - silent },
      });
    expect(at(12 * MINUTE)).toMatchObject({ code: 'finalizing', safe: false });
    expect(at(HOUR - 1)).toMatchObject({ code: 'finalizing', safe: false });
    expect(at(HOUR)).toMatchObject({ code: 'no-successor', safe: true });
    expect(at(HOUR).evidence.sentence).toBe(
      '`load` finished 1h ago and nothing was issued after it, nor was the end written',
    );
  });

  it('not no-successor while a descendant may yet end', () => {
    const undecidedDescendant = { executionId: '200', lastEvent: event('step.exit', NOW - 12 * MINUTE) };
    const { code, safe, evidence } = judge({ undecidedDescendant });
    expect([code, safe, evidence.relatedExecutionId]).toEqual(['unknown', false, '200']);
    expect(evidence.sentence).toBe(
      'silent since `step.exit` at `load` 2h ago; its descendant 200 has not ended and may yet do so',
    );
    const outstanding = [command('issued', NOW - 3 * HOUR)];
    expect(judge({ undecidedDescendant, outstanding }).code).toBe('never-claimed');
  });

  it('unknown, where no step has finished or the newest word is no known one', () => {
    const begun = { lastFinished: null, lastEvent: event('playbook_started', NOW - 9 * HOUR, 'playbook') };
    expect(judge(begun)).toMatchObject({ code: 'unknown', safe: false });
    expect(judge(begun).evidence.sentence).toBe(
      'silent since `playbook_started` at `playbook` 9h ago; its events do not say why',
    );
    expect(judge({ lastEvent: event('subscription.opened', NOW - 9 * HOUR) }).code).toBe('unknown');
    expect(judge({ lastEvent: event('', NOW - 9 * HOUR, null) }).code).toBe('unknown');
  });
});

describe('one of which only the newest commands were read', () => {
  const lost = facts({ outstanding: [command('started', NOW - HOUR, 'gone')] });

  it('is unknown where the code would be safe, and says what the newest tell', () => {
    const { code, safe, evidence } = diagnose({ ...lost, newestOnly: 10_000 }, NOW, DEFAULT_THRESHOLDS);
    expect([code, safe, evidence.workerId]).toEqual(['unknown', false, 'gone']);
    expect(evidence.sentence).toMatch(
      /^gone started `load_orders` 1h ago and is not in noetl.runtime any more; that would be worker-lost, but only the newest 10,000 events of each type of its commands were read/,
    );
  });

  it('keeps its ancestors from being judged by its silence', () => {
    const ended = { ...facts(), newestOnly: 10_000 };
    expect(isUndecided(ended, ended.lastEvent, NOW, DEFAULT_THRESHOLDS)).toBe(true);
    expect(isUndecided({ ...lost, newestOnly: 10_000 }, lost.lastEvent, NOW, DEFAULT_THRESHOLDS)).toBe(true);
  });
});

describe('which of several commands decides', () => {
  it('any live claim, before lost and unclaimed ones', () => {
    const outstanding = [
      command('claimed', NOW - 3 * HOUR, 'worker-7', 'a'),
      command('issued', NOW - 4 * HOUR, null, 'b'),
      command('started', NOW - HOUR, 'worker-1', 'c'),
    ];
    expect(judge({ heartbeats: lost, outstanding })).toMatchObject({
      code: 'live-claim',
      evidence: { commandId: 'c' },
    });
    expect(judge({ heartbeats: lost, outstanding: outstanding.slice(0, 2) })).toMatchObject({
      code: 'worker-lost',
      evidence: { commandId: 'a' },
    });
  });

  it('a heartbeat is alive under 90 s and silent from 90 s on; one of the future is alive', () => {
    const at = (age: number) =>
      judge({ heartbeats: new Map([['w', NOW - age]]), outstanding: [command('claimed', NOW - HOUR, 'w')] }).code;
    expect([at(89_999), at(90_000), at(-5_000)]).toEqual(['live-claim', 'worker-lost', 'live-claim']);
  });
});

describe('what keeps an ancestor waiting', () => {
  it('a callback, a claim that may live; not a lost claim nor an unclaimed command', () => {
    const hold = (known: Partial<StaleFacts>) => healthyHold(facts(known), NOW, DEFAULT_THRESHOLDS);
    const pendingCallback = { commandKey: 'c', node: 'approve', eventType: 'command.completed', at: NOW - HOUR };
    expect(hold({ pendingCallback })).toEqual({ by: 'callback', node: 'approve', workerId: null });
    expect(hold({ outstanding: [command('started', NOW - HOUR, 'worker-1')] })).toMatchObject({
      by: 'claim',
      workerId: 'worker-1',
    });
    expect(hold({ heartbeats: null, outstanding: [command('started', NOW - HOUR, 'worker-7')] })).toMatchObject({
      by: 'claim',
    });
    expect(hold({ heartbeats: lost, outstanding: [command('started', NOW - HOUR, 'worker-7')] })).toBeNull();
    expect(hold({ outstanding: [command('issued', NOW - HOUR)] })).toBeNull();
  });
});

describe('what may be about to end by itself', () => {
  it('is what has nothing outstanding and no hour of silence, or a word that says nothing', () => {
    const undecided = (known: Partial<StaleFacts>, lastEvent = event('step.exit', NOW - 2 * HOUR)) =>
      isUndecided(facts(known), lastEvent, NOW, DEFAULT_THRESHOLDS);
    expect(undecided({})).toBe(false);
    expect(undecided({}, event('step.exit', NOW - 59 * MINUTE))).toBe(true);
    expect(undecided({}, event('subscription.opened', NOW - 9 * HOUR))).toBe(true);
    expect(undecided({ lastFinished: null })).toBe(true);
    expect(undecided({ outstanding: [command('issued', NOW - HOUR)] }, event('step.exit', NOW))).toBe(false);
  });
});

describe('the engine can still recover it', () => {
  const fleet = (known: object) => ({
    liveWorkers: new Set(['worker-1']),
    workersSince: NOW - 30 * HOUR,
    reaperAt: NOW - 20_000,
    ...known,
  });
  const issued = [command('issued', NOW - 20 * MINUTE)];

  it('for 10 minutes after the loss, while the lease beats', () => {
    const at = (silent: number, more = {}) =>
      judge({
        fleet: fleet({}),
        heartbeats: new Map([['worker-7', NOW - silent]]),
        outstanding: [command('started', NOW - HOUR, 'worker-7')],
        ...more,
      });
    expect(at(2 * MINUTE)).toMatchObject({ code: 'recovering', safe: false, evidence: { workerId: 'worker-7' } });
    expect(at(2 * MINUTE).evidence.sentence).toBe(
      "`load_orders` was started 1h ago by worker-7, which is gone; the engine's command reaper is alive (20s ago) and may hand it on for another 8m",
    );
    expect(at(10 * MINUTE).code).toBe('worker-lost');
    expect(at(2 * MINUTE, { fleet: fleet({ reaperAt: null }) }).code).toBe('worker-lost');
    expect(at(2 * MINUTE, { stack: 'rust' }).code).toBe('worker-lost');
  });

  it('for 10 minutes after workers came back, and as long as there are none', () => {
    expect(judge({ fleet: fleet({}), outstanding: issued }).code).toBe('never-claimed');
    expect(judge({ fleet: fleet({ workersSince: NOW - 9 * MINUTE }), outstanding: issued }).code).toBe('recovering');
    expect(judge({ fleet: fleet({ workersSince: NOW - 10 * MINUTE }), outstanding: issued }).code).toBe(
      'never-claimed',
    );
    const none = judge({ fleet: fleet({ liveWorkers: new Set(), workersSince: null }), outstanding: issued });
    expect(none).toMatchObject({ code: 'recovering', safe: false });
    expect(none.evidence.sentence).toMatch(/and hands it on when workers are back$/);
  });

  it('or nothing is known of workers at all', () => {
    const unknown = judge({ fleet: null, heartbeats: null, outstanding: issued });
    expect(unknown).toMatchObject({ code: 'recovering', safe: false });
    expect(unknown.evidence.sentence).toMatch(/worker liveness unknown$/);
  });
});

describe('a long queue', () => {
  const outstanding = [command('issued', NOW - 20 * MINUTE)];
  const claims = (known: object) => ({
    workers: new Set(['worker-1']),
    newestIssue: NOW - 25 * MINUTE,
    complete: true,
    ...known,
  });

  it('while every live worker claims, and nothing issued later was claimed', () => {
    const queue = judge({ outstanding, recentClaims: claims({}) });
    expect(queue).toMatchObject({ code: 'queued', safe: false });
    expect(queue.evidence.sentence).toBe(
      '`load_orders` was issued 20m ago and no worker has claimed it; the live worker is busy, and no command issued after it has been claimed',
    );
    expect(judge({ outstanding, recentClaims: claims({ newestIssue: NOW - 19 * MINUTE }) }).code).toBe('never-claimed');
    expect(judge({ outstanding, recentClaims: claims({ workers: new Set() }) }).code).toBe('never-claimed');
    expect(judge({ outstanding, recentClaims: claims({ workers: new Set(), complete: false }) }).code).toBe('queued');
  });
});

describe('a failed step without an end', () => {
  const text = 'boom\n  at line 1';
  const lastFailure = (at: number) => ({ type: 'command.failed', node: 'load', at, text });
  const silent = (ms: number, more: Partial<StaleFacts> = {}) =>
    judge({ lastEvent: event('command.failed', NOW - ms), lastFailure: lastFailure(NOW - ms), ...more });

  it('is finalizing within the hour and failed-step from then on, with the text', () => {
    expect(silent(59 * MINUTE)).toMatchObject({ code: 'finalizing', safe: false });
    expect(silent(HOUR)).toMatchObject({ code: 'failed-step', safe: true });
    expect(silent(HOUR).evidence.sentence).toBe(
      'failed step, no end written: `load` failed 1h ago and nothing was issued after it (boom at line 1)',
    );
  });

  it('not where something was issued after it, or a descendant may yet end', () => {
    expect(silent(HOUR, { outstanding: [command('issued', NOW - 50 * MINUTE)] }).code).toBe('never-claimed');
    const undecidedDescendant = { executionId: '200', lastEvent: event('step.exit', NOW - 12 * MINUTE) };
    expect(silent(HOUR, { undecidedDescendant }).code).toBe('unknown');
  });

  it('has a bounded text', () => {
    const long = judge({
      lastEvent: event('command.failed', NOW - HOUR),
      lastFailure: { ...lastFailure(NOW - HOUR), text: 'x'.repeat(1_000_000) },
    });
    expect(long.evidence.sentence.length).toBeLessThan(320);
  });
});

it('what ended below a moment ago is not called a descendant that has not ended', () => {
  const endedDescendant = {
    executionId: '200',
    status: 'COMPLETED' as const,
    lastEvent: event('playbook.completed', NOW - 40_000),
  };
  const { code, safe, evidence } = judge({ endedDescendant });
  expect([code, safe]).toEqual(['finalizing', false]);
  expect(evidence.sentence).toBe('its descendant 200 ended as COMPLETED 40s ago; the engine may yet act on that');
});
