import { describe, expect, it } from 'vitest';
import { createCancellationGuard } from '../../source/guard/cancellation-guard.js';
import { ExecutionCancelledError } from '../../source/guard/check-gate.js';
import type { GuardOptions } from '../../source/guard/guard-types.js';
import { command, deferred, emitterOf, loggerOf, verdict } from './fakes.js';

/** A guard on an execution that `world.cancelled` cancels. */
function guardOn(world: { cancelled: boolean }, options: Partial<GuardOptions> = {}) {
  const { emit, emitted } = emitterOf();
  const { logger, lines } = loggerOf();
  const guard = createCancellationGuard({
    check: async () => verdict(world.cancelled),
    emit,
    logger,
    emitBackoffMs: 1,
    ...options,
  });
  return { guard, emitted, lines };
}

describe('the two-point protocol', () => {
  it('executes a command of an execution that runs', async () => {
    const { guard, emitted } = guardOn({ cancelled: false });
    const done: string[] = [];
    const outcome = await guard.run(command, {
      claim: async () => {
        done.push('claim');
        return true;
      },
      execute: async () => {
        done.push('execute');
        return 42;
      },
    });
    expect(outcome).toEqual({ kind: 'executed', result: 42, cancelledMeanwhile: false });
    expect(done).toEqual(['claim', 'execute']);
    expect(emitted).toEqual([]);
  });

  it('cancelled before the check: neither claims nor executes, logs it, emits one command.cancelled', async () => {
    const { guard, emitted, lines } = guardOn({ cancelled: true });
    const outcome = await guard.run(command, { claim: never, execute: never });
    expect(outcome).toEqual({ kind: 'skipped', at: 'before-claim', emitted: true });
    expect(emitted).toEqual([
      {
        executionId: '10',
        eventType: 'command.cancelled',
        step: 'load',
        commandId: '10:load:1',
        workerId: 'worker-1',
        status: 'CANCELLED',
        context: null,
        meta: {
          command_id: '10:load:1',
          worker_id: 'worker-1',
          reason: 'execution cancelled',
          cancelled_at_point: 'before-claim',
          actionable: false,
          informative: true,
        },
      },
    ]);
    expect(lines).toEqual([
      expect.objectContaining({ level: 'info', fields: expect.objectContaining({ execution_id: '10' }) }),
    ]);
  });

  it('cancelled between the check and the claim, or between the claim and the second check: skips after the claim', async () => {
    for (const when of ['during', 'after'] as const) {
      const world = { cancelled: false };
      const { guard, emitted } = guardOn(world);
      const outcome = await guard.run(command, {
        claim: async () => {
          if (when === 'during') world.cancelled = true;
          else queueMicrotask(() => (world.cancelled = true));
          return true;
        },
        execute: never,
      });
      expect(outcome).toEqual({ kind: 'skipped', at: 'after-claim', emitted: true });
      expect(emitted).toHaveLength(1);
    }
  });

  it('cancelled during the execution: the running command finishes', async () => {
    const world = { cancelled: false };
    const { guard, emitted } = guardOn(world);
    const outcome = await guard.run(command, {
      claim: async () => true,
      execute: async (signal) => {
        world.cancelled = true;
        return signal.aborted;
      },
    });
    expect(outcome).toEqual({ kind: 'executed', result: false, cancelledMeanwhile: false });
    expect(emitted).toEqual([]);
  });

  it('with watch, aborts the signal of a running command that is cancelled', async () => {
    const world = { cancelled: false };
    const { guard } = guardOn(world);
    const outcome = await guard.run(command, {
      claim: async () => true,
      watch: { everyMs: 2 },
      execute: (signal) => {
        world.cancelled = true;
        return new Promise((resolve) => signal.addEventListener('abort', () => resolve(signal.reason)));
      },
    });
    expect(outcome).toMatchObject({ kind: 'executed', cancelledMeanwhile: true });
    expect(outcome.kind === 'executed' && outcome.result).toBeInstanceOf(ExecutionCancelledError);
  });

  it('hands the worker’s own shutdown on to the running command', async () => {
    const { guard } = guardOn({ cancelled: false });
    const stop = new AbortController();
    const outcome = await guard.run(command, {
      claim: async () => true,
      signal: stop.signal,
      execute: async (signal) => {
        stop.abort('shutting down');
        return signal.reason;
      },
    });
    expect(outcome).toEqual({ kind: 'executed', result: 'shutting down', cancelledMeanwhile: false });
  });

  it('leaves a command that somebody else has', async () => {
    const { guard, emitted } = guardOn({ cancelled: false });
    expect(await guard.run(command, { claim: async () => false, execute: never })).toEqual({ kind: 'not-claimed' });
    expect(emitted).toEqual([]);
  });

  it('tells a failing claim and a failing execution apart, and never rejects', async () => {
    const { guard } = guardOn({ cancelled: false });
    const error = new Error('no');
    expect(await guard.run(command, { claim: () => Promise.reject(error), execute: never })).toEqual({
      kind: 'failed',
      step: 'claim',
      at: null,
      error,
    });
    expect(await guard.run(command, { claim: async () => true, execute: () => Promise.reject(error) })).toEqual({
      kind: 'failed',
      step: 'execute',
      at: null,
      error,
    });
  });

  it('does not begin a command once the worker shuts down', async () => {
    const { guard } = guardOn({ cancelled: false });
    const stop = new AbortController();
    const claim = async () => {
      stop.abort(new Error('shutting down'));
      return true;
    };
    const outcome = await guard.run(command, { claim, execute: never, signal: stop.signal });
    expect(outcome).toMatchObject({ kind: 'failed', step: 'check', at: 'after-claim' });
    expect(await guard.run(command, { claim: never, execute: never, signal: stop.signal })).toMatchObject({
      kind: 'failed',
      step: 'check',
      at: 'before-claim',
    });
  });
});

describe('a check that cannot be made', () => {
  const failing = { check: async () => Promise.reject(new Error('connection refused')) };

  it('fails open by default, with a warning at each point', async () => {
    const { guard, lines } = guardOn({ cancelled: false }, failing);
    const outcome = await guard.run(command, { claim: async () => true, execute: async () => 'ran' });
    expect(outcome).toMatchObject({ kind: 'executed', result: 'ran' });
    expect(lines.map((line) => [line.level, line.fields.at, line.fields.error])).toEqual([
      ['warn', 'before-claim', 'connection refused'],
      ['warn', 'after-claim', 'connection refused'],
    ]);
  });

  it('fails closed where so configured, at either point', async () => {
    const closed = guardOn({ cancelled: false }, { ...failing, failOpen: false });
    expect(await closed.guard.run(command, { claim: never, execute: never })).toMatchObject({
      kind: 'failed',
      step: 'check',
      at: 'before-claim',
    });
    let checks = 0;
    const second = guardOn(
      { cancelled: false },
      { check: async () => (checks++ === 0 ? verdict(false) : Promise.reject(new Error('gone'))), failOpen: false },
    );
    expect(await second.guard.run(command, { claim: async () => true, execute: never })).toMatchObject({
      kind: 'failed',
      step: 'check',
      at: 'after-claim',
    });
    expect(second.emitted).toEqual([]);
  });

  it('gives up a check that hangs, even one that ignores its signal', async () => {
    const { guard, lines } = guardOn({ cancelled: false }, { check: () => new Promise(() => {}), timeoutMs: 5 });
    expect(await guard.run(command, { claim: async () => true, execute: async () => 1 })).toMatchObject({
      kind: 'executed',
    });
    expect(lines[0]?.fields.error).toBe('the cancellation check took longer than 5 ms');
  });

  it('takes an execution that no event names for a check that cannot be made', async () => {
    const { guard } = guardOn({ cancelled: false }, { check: async () => null, failOpen: false });
    expect(await guard.run(command, { claim: never, execute: never })).toMatchObject({ kind: 'failed', step: 'check' });
  });
});

describe('an emit that fails', () => {
  it('is tried again a bounded number of times; the command stays skipped', async () => {
    let attempts = 0;
    const emit = async () => {
      attempts++;
      throw new Error('503');
    };
    const { guard, lines } = guardOn({ cancelled: true }, { emit, emitAttempts: 3 });
    const outcome = await guard.run(command, { claim: never, execute: never });
    expect(outcome).toEqual({ kind: 'skipped', at: 'before-claim', emitted: false });
    expect(attempts).toBe(3);
    expect(lines.filter((line) => line.level === 'warn')).toHaveLength(3);
  });

  it('counts as told once an attempt gets through', async () => {
    let attempts = 0;
    const emit = async () => {
      if (attempts++ === 0) throw new Error('reset');
      return { kind: 'duplicate', eventId: '5' } as const;
    };
    const { guard } = guardOn({ cancelled: true }, { emit });
    expect(await guard.run(command, { claim: never, execute: never })).toMatchObject({
      kind: 'skipped',
      emitted: true,
    });
    expect(attempts).toBe(2);
  });

  it('is not repeated where the store refuses the skip', async () => {
    const { emit, emitted } = emitterOf({ kind: 'refused', because: 'worker w2 holds the command' });
    const { guard } = guardOn({ cancelled: true }, { emit });
    expect(await guard.run(command, { claim: never, execute: never })).toMatchObject({ emitted: false });
    expect(emitted).toHaveLength(1);
  });
});

describe('many commands of one execution', () => {
  it('share the checks that they make together', async () => {
    let checks = 0;
    const { guard } = guardOn(
      { cancelled: false },
      {
        check: async () => {
          checks++;
          return verdict(false);
        },
      },
    );
    const gate = deferred<boolean>();
    const runs = Array.from({ length: 100 }, (_, index) =>
      guard.run({ ...command, commandId: `c${index}` }, { claim: () => gate.promise, execute: async () => index }),
    );
    gate.resolve(true);
    const outcomes = await Promise.all(runs);
    expect(outcomes.every((outcome) => outcome.kind === 'executed')).toBe(true);
    expect(checks).toBe(2);
  });
});

const never = async (): Promise<never> => {
  throw new Error('this must not be called');
};
