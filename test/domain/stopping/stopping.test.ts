import { describe, expect, it } from 'vitest';
import type { CommandEvent } from '../../../source/domain/command-state.js';
import {
  type CancelMark,
  COMMIT_GRACE_MS,
  relevantToStopping,
  stopState,
} from '../../../source/domain/stopping/stopping.js';

const CANCEL_AT = 1_000_000;
const cancel: CancelMark = { eventId: '100', at: CANCEL_AT };

/** An event at an id; its time follows the id, ten seconds each, and the cancel is id 100. */
const event = (
  id: number,
  type: string,
  commandKey = 'c1',
  workerId: string | null = 'w1',
  at?: number,
): CommandEvent => ({
  eventId: String(id),
  type: `command.${type}`,
  commandKey,
  node: 'load',
  workerId,
  at: at ?? CANCEL_AT + (id - 100) * 10_000,
});

const phaseOf = (events: CommandEvent[], quiet = true, mark = cancel) => stopState('1', mark, events, quiet).phase;

describe('stopState', () => {
  it('is requested until it was quiet, then stopped', () => {
    expect(phaseOf([], false)).toBe('requested');
    expect(phaseOf([])).toBe('stopped');
    expect(phaseOf([event(90, 'issued', 'c1', null)])).toBe('stopped');
  });

  it('drains while a command that was held at the cancel goes on, and names its holder', () => {
    const held = [event(90, 'issued', 'c1', null), event(91, 'claimed'), event(92, 'started')];
    expect(stopState('1', cancel, held, true)).toMatchObject({
      phase: 'draining',
      draining: 1,
      violation: null,
      holding: [{ commandKey: 'c1', node: 'load', workerId: 'w1', since: CANCEL_AT - 80_000, workerAlive: null }],
    });
    for (const end of ['completed', 'failed', 'cancelled']) expect(phaseOf([...held, event(101, end)])).toBe('stopped');
  });

  it('lets a command claimed before the cancel report its start after it', () => {
    expect(phaseOf([event(91, 'claimed'), event(101, 'started')])).toBe('draining');
    expect(phaseOf([event(91, 'claimed'), event(101, 'started'), event(102, 'completed')])).toBe('stopped');
    expect(phaseOf([event(91, 'claimed', 'c1', null), event(101, 'started'), event(102, 'completed')])).toBe('stopped');
  });

  it.each(['claimed', 'started'])('is still emitting after a command.%s, with that event as proof', (type) => {
    const proof = event(101, type);
    expect(stopState('1', cancel, [event(90, 'completed', 'c0'), proof], true)).toMatchObject({
      phase: 'still-emitting',
      violation: proof,
      draining: 1,
    });
  });

  it('counts what was issued afterwards and does not wait for it', () => {
    const held = [event(90, 'issued', 'c1', null), event(91, 'claimed'), event(92, 'started')];
    const ended = [...held, event(101, 'completed'), event(102, 'issued', 'c2', null)];
    expect(stopState('1', cancel, ended, true)).toMatchObject({ phase: 'stopped', issuedAfter: 1, violation: null });
    expect(stopState('1', cancel, [...ended, event(103, 'claimed', 'c2')], true)).toMatchObject({
      phase: 'still-emitting',
      issuedAfter: 0,
    });
  });

  it('goes back to draining when the command that was begun afterwards ends, and then settles', () => {
    const ran = [event(101, 'claimed'), event(102, 'started'), event(103, 'completed')];
    expect(phaseOf(ran, false)).toBe('draining');
    expect(stopState('1', cancel, ran, true)).toMatchObject({ phase: 'stopped', violation: { eventId: '102' } });
  });

  it('takes an issue or a claim that is answered by command.cancelled for a skip', () => {
    expect(phaseOf([event(101, 'issued', 'c1', null), event(102, 'cancelled')])).toBe('stopped');
    expect(phaseOf([event(90, 'issued'), event(101, 'claimed'), event(102, 'cancelled')])).toBe('stopped');
    expect(phaseOf([event(101, 'cancelled'), event(102, 'claimed', 'c1', 'w2')])).toBe('stopped');
  });

  it('does not take a command that was started, or that ended otherwise, for a skip', () => {
    const violationOf = (...events: CommandEvent[]) => stopState('1', cancel, events, true).violation?.eventId;
    expect(violationOf(event(101, 'claimed'), event(102, 'started'), event(103, 'cancelled'))).toBe('102');
    expect(violationOf(event(101, 'cancelled'), event(102, 'claimed', 'c1', 'w2'), event(103, 'completed'))).toBe(
      '102',
    );
    expect(violationOf(event(101, 'claimed'), event(102, 'completed'))).toBe('101');
    expect(violationOf(event(101, 'claimed'), event(102, 'cancelled'))).toBeUndefined();
  });

  it('counts a second worker’s claim of a held command, and the claim of a retry under the same id', () => {
    const held = [event(90, 'claimed'), event(91, 'started')];
    expect(phaseOf([...held, event(101, 'claimed', 'c1', 'w2')])).toBe('still-emitting');
    expect(phaseOf([...held, event(101, 'failed'), event(102, 'issued', 'c1', null)])).toBe('stopped');
    expect(phaseOf([...held, event(101, 'failed'), event(102, 'claimed')])).toBe('still-emitting');
  });

  it('names the newest violation of all commands that have not ended', () => {
    const events = [event(103, 'started', 'c2', 'w2'), event(101, 'claimed'), event(102, 'started')];
    expect(stopState('1', cancel, events, true).violation?.eventId).toBe('103');
  });

  it('takes a claim between the cancel’s row and its commit for work that was in progress', () => {
    const raced = event(101, 'claimed', 'c1', 'w1', CANCEL_AT + COMMIT_GRACE_MS);
    expect(phaseOf([raced])).toBe('draining');
    expect(phaseOf([raced, event(102, 'started'), event(103, 'completed')])).toBe('stopped');
    expect(phaseOf([event(101, 'claimed', 'c1', 'w1', CANCEL_AT + COMMIT_GRACE_MS + 1)])).toBe('still-emitting');
    expect(phaseOf([raced], true, { eventId: '100', at: null })).toBe('still-emitting');
    expect(phaseOf([event(101, 'claimed', 'c1', 'w1', CANCEL_AT - COMMIT_GRACE_MS)])).toBe('draining');
    const slow = { ...cancel, visibleAt: CANCEL_AT + 3000 };
    expect(phaseOf([event(101, 'claimed', 'c1', 'w1', CANCEL_AT + 2999)], true, slow)).toBe('draining');
  });

  it('sees work whose writer’s clock is behind, by id or by time', () => {
    expect(phaseOf([event(101, 'claimed', 'c1', 'w1', CANCEL_AT - 60_000)])).toBe('still-emitting');
    expect(phaseOf([event(99, 'claimed', 'c1', 'w1', CANCEL_AT + 60_000)])).toBe('still-emitting');
  });

  it('takes the newest claim of a command that the reaper handed on', () => {
    const claims = [
      event(90, 'claimed', 'c1', 'w1'),
      event(91, 'started', 'c1', 'w1'),
      event(95, 'claimed', 'c1', 'w2'),
    ];
    expect(stopState('1', cancel, claims, true).holding).toMatchObject([{ workerId: 'w2' }]);
    const late = [...claims, event(96, 'started', 'c1', 'w1')];
    expect(stopState('1', cancel, late, true, (id) => id !== 'w1')).toMatchObject({
      phase: 'draining',
      holding: [{ workerId: 'w2' }],
    });
  });

  it('is abandoned when all that was in progress belongs to workers that are gone, and that is known', () => {
    const two = [event(90, 'claimed', 'c1', 'w1'), event(91, 'claimed', 'c2', 'w2')];
    const phaseWith = (alive: (id: string | null) => boolean | null, quiet = true) =>
      stopState('1', cancel, two, quiet, alive).phase;
    expect(phaseWith(() => false)).toBe('abandoned');
    expect(phaseWith(() => false, false)).toBe('draining');
    expect(phaseWith((id) => id === 'w2')).toBe('draining');
    expect(phaseWith((id) => (id === 'w2' ? null : false))).toBe('draining');
    expect(phaseWith(() => null)).toBe('draining');
    expect(stopState('1', cancel, [event(101, 'claimed')], true, () => false).phase).toBe('abandoned');
  });

  it('does not depend on the order or the repetition of events', () => {
    const events = [
      event(90, 'claimed'),
      event(101, 'started'),
      event(102, 'claimed', 'c2'),
      event(103, 'cancelled', 'c2'),
    ];
    const expected = stopState('1', cancel, events, true);
    expect(stopState('1', cancel, [...events].reverse(), true)).toEqual(expected);
    expect(stopState('1', cancel, [...events, ...events], true)).toEqual(expected);
  });

  it('holds ids beyond 2^53 apart', () => {
    const near: CancelMark = { eventId: '9007199254740993', at: null };
    const before = { ...event(1, 'claimed'), eventId: '9007199254740992' };
    expect(phaseOf([before], true, near)).toBe('draining');
    expect(phaseOf([{ ...before, eventId: '9007199254740994' }], true, near)).toBe('still-emitting');
  });
});

describe('relevantToStopping', () => {
  it('keeps commands in progress and those with later events, and changes no verdict', () => {
    const ended = [event(80, 'issued', 'old'), event(81, 'claimed', 'old'), event(82, 'completed', 'old')];
    const open = [event(90, 'claimed')];
    const later = [event(85, 'completed', 'retried'), event(101, 'issued', 'retried')];
    const all = [...ended, ...open, event(95, 'issued', 'queued', null), ...later];
    const kept = relevantToStopping(all, cancel);
    expect(new Set(kept)).toEqual(new Set([...open, ...later]));
    expect(stopState('1', cancel, kept, true)).toEqual(stopState('1', cancel, all, true));
  });
});
