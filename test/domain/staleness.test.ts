import { describe, expect, it } from 'vitest';
import { DEFAULT_THRESHOLDS, type StaleFacts } from '../../source/domain/stale-facts.js';
import { diagnose, healthyHold, isUndecided } from '../../source/domain/staleness.js';
import { command, event, facts, HOUR, MINUTE, NOW } from '../helpers/stale-facts.js';

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
    expect(evidence.sentence).toBe('its descendant 200 is progressing: `command.started` at `load` 9s ago');
  });

  it('waiting-on-child, for a silent descendant that is healthy', () => {
    const heldDescendant = {
      executionId: '200',
      lastEvent: event('command.started', NOW - HOUR),
      by: 'claim' as const,
      node: 'load',
      workerId: 'worker-1',
    };
    const { code, safe, evidence } = judge({ heldDescendant });
    expect([code, safe]).toEqual(['waiting-on-child', false]);
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
  });

  it('worker-lost, for a silent worker and for one that is not registered', () => {
    const outstanding = [command('claimed', NOW - 134 * MINUTE, 'worker-7')];
    const { code, safe, evidence } = judge({ heartbeats: lost, outstanding });
    expect([code, safe, evidence.workerId, evidence.commandId]).toEqual(['worker-lost', true, 'worker-7', 'c1']);
    expect(evidence.sentence).toBe(
      'worker-7 claimed `load_orders` 2h 14m ago and has not been heard of since 14:02 UTC',
    );
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
