import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CommandEvent, commandStates, isHeld, isOutstanding } from '../../source/domain/command-state.js';
import { COMMAND_TYPES } from '../../source/domain/event-types.js';

const event = (id: number, type: string, commandKey = 'c1', workerId: string | null = null): CommandEvent => ({
  eventId: String(id),
  type,
  commandKey,
  node: 'load',
  workerId,
  at: id * 1000,
});

const stageOf = (...types: string[]) => commandStates(types.map((type, index) => event(index + 1, type)))[0]?.stage;

describe('commandStates', () => {
  it('follows a command through its life', () => {
    expect(stageOf('command.issued')).toBe('issued');
    expect(stageOf('command.issued', 'command.claimed')).toBe('claimed');
    expect(stageOf('command.issued', 'command.claimed', 'command.started')).toBe('started');
    expect(stageOf('command.issued', 'command.claimed', 'command.heartbeat')).toBe('started');
    expect(stageOf('command.claimed', 'command.started', 'command.completed')).toBe('completed');
    expect(stageOf('command.claimed', 'command.started', 'command.failed')).toBe('failed');
    expect(stageOf('command.issued', 'command.cancelled')).toBe('cancelled');
  });

  it('begins again when a command is issued again', () => {
    expect(stageOf('command.issued', 'command.failed', 'command.issued')).toBe('issued');
    expect(stageOf('command.issued', 'command.cancelled', 'command.issued', 'command.claimed')).toBe('claimed');
  });

  it('is not moved from skipped by a claim that lost the race, but by a start', () => {
    expect(stageOf('command.issued', 'command.cancelled', 'command.claimed')).toBe('cancelled');
    expect(stageOf('command.issued', 'command.cancelled', 'command.claimed', 'command.started')).toBe('started');
  });

  it('remembers who holds it, since when, and when it was issued', () => {
    const [state] = commandStates([
      event(1, 'command.issued'),
      event(2, 'command.claimed', 'c1', 'w1'),
      event(3, 'command.started'),
    ]);
    expect(state).toMatchObject({ workerId: 'w1', issuedAt: 1000, lastAt: 3000, lastEventId: '3' });
    expect(isHeld(state!)).toBe(true);
    expect(isOutstanding(state!)).toBe(true);
  });

  it('forgets the worker when the command is issued again', () => {
    const [state] = commandStates([event(1, 'command.claimed', 'c1', 'w1'), event(2, 'command.issued')]);
    expect(state?.workerId).toBeNull();
  });

  it('passes over words that are no command’s', () => {
    expect(commandStates([event(1, 'call.done'), event(2, 'step.exit')])).toEqual([]);
  });

  it('depends neither on the order of the events nor on repetitions', () => {
    const events = fc.uniqueArray(
      fc.record({
        id: fc.integer({ min: 1, max: 50 }),
        type: fc.constantFrom(...COMMAND_TYPES),
        key: fc.constantFrom('a', 'b'),
      }),
      { selector: (one) => one.id, maxLength: 20 },
    );
    const sorted = (list: CommandEvent[]) =>
      commandStates(list).sort((a, b) => a.commandKey.localeCompare(b.commandKey));
    fc.assert(
      fc.property(events, fc.infiniteStream(fc.nat()), (drawn, randoms) => {
        const list = drawn.map((one) => event(one.id, one.type, one.key));
        const shuffled = list
          .map((one) => ({ one, by: randoms.next().value as number }))
          .sort((a, b) => a.by - b.by)
          .map(({ one }) => one);
        expect(sorted([...shuffled, ...shuffled])).toEqual(sorted(list));
      }),
    );
  });
});
