import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CommandEvent } from '../../../source/domain/command-state.js';
import {
  advance,
  type CancelMark,
  isSettled,
  relevantToStopping,
  type StopState,
  stopState,
} from '../../../source/domain/stopping/stopping.js';

const CANCEL_AT = 1_000_000;
const cancel: CancelMark = { eventId: '100', at: CANCEL_AT };

/** Any life of any commands around a cancel: each event has an id and a time of its own. */
const log = fc
  .array(
    fc.record({
      type: fc.constantFrom('issued', 'claimed', 'started', 'heartbeat', 'completed', 'failed', 'cancelled'),
      commandKey: fc.constantFrom('a', 'b', 'c'),
      workerId: fc.constantFrom('w1', 'w2', null),
      late: fc.boolean(),
    }),
    { maxLength: 14 },
  )
  .map((rows) =>
    rows.map(({ type, commandKey, workerId, late }, index): CommandEvent => {
      const id = 93 + index + (93 + index >= 100 ? 1 : 0);
      const at = CANCEL_AT + (id - 100) * 10_000 + (late ? 1 : 0);
      return { eventId: String(id), type: `command.${type}`, commandKey, node: 'load', workerId, at };
    }),
  );
const alive = fc
  .record({ w1: fc.constantFrom(true, false, null), w2: fc.constantFrom(true, false, null) })
  .map((known) => (id: string | null) => (id === null ? null : known[id as 'w1' | 'w2']));

const look = (events: readonly CommandEvent[], quiet: boolean, workers: (id: string | null) => boolean | null) =>
  stopState('1', cancel, events, quiet, workers);

describe('stop states', () => {
  it('do not depend on the order or the repetition of events, nor on what is let go', () => {
    fc.assert(
      fc.property(log, fc.boolean(), alive, fc.infiniteStream(fc.nat()), (events, quiet, workers, keys) => {
        const shuffled = events
          .map((event) => ({ event, key: keys.next().value as number }))
          .sort((a, b) => a.key - b.key)
          .map(({ event }) => event);
        const sorted = (state: StopState) => ({
          ...state,
          holding: state.holding?.toSorted((a, b) => (a.commandKey < b.commandKey ? -1 : 1)),
        });
        const expected = sorted(look(events, quiet, workers));
        expect(sorted(look(shuffled, quiet, workers))).toEqual(expected);
        expect(sorted(look([...events, ...events], quiet, workers))).toEqual(expected);
        expect(sorted(look(relevantToStopping(events, cancel), quiet, workers))).toEqual(expected);
      }),
    );
  });

  it('are held up by work alone: an issue after the cancel changes no phase', () => {
    fc.assert(
      fc.property(log, alive, fc.constantFrom('a', 'b', 'c', 'd'), (events, workers, commandKey) => {
        const issued = {
          eventId: '900',
          type: 'command.issued',
          commandKey,
          node: null,
          workerId: null,
          at: CANCEL_AT * 2,
        };
        expect(look([...events, issued], true, workers).phase).toBe(look(events, true, workers).phase);
      }),
    );
  });

  it('settle exactly when nothing is held by a worker that may still be working', () => {
    fc.assert(
      fc.property(log, alive, (events, workers) => {
        const state = look(events, true, workers);
        const waits = (state.holding ?? []).some((command) => command.workerAlive !== false);
        expect(isSettled(state.phase)).toBe(!waits);
        if (state.phase === 'still-emitting') expect(state.violation).not.toBeNull();
        if (state.phase === 'stopped') expect(state.draining).toBe(0);
      }),
    );
  });

  it('go forward only, however the log grows and the workers come and go', () => {
    const steps = fc.array(fc.record({ upTo: fc.nat({ max: 14 }), quiet: fc.boolean(), workers: alive }), {
      minLength: 2,
      maxLength: 8,
    });
    fc.assert(
      fc.property(log, steps, (events, moves) => {
        let before: StopState | null = null;
        const growing = moves.toSorted((a, b) => a.upTo - b.upTo);
        for (const { upTo, quiet, workers } of growing) {
          const now: StopState = advance(before, look(events.slice(0, upTo), quiet, workers));
          if (before) {
            if (before.phase !== 'requested') expect(now.phase).not.toBe('requested');
            const wentOn = JSON.stringify(now.holding?.map(newest)) !== JSON.stringify(before.holding?.map(newest));
            if (isSettled(before.phase) && !isSettled(now.phase)) expect(now.draining > 0 && wentOn).toBe(true);
          }
          before = now;
        }
      }),
    );
  });
});

const newest = ({ commandKey, since }: { commandKey: string; since: number }) => [commandKey, since];
