import { describe, expect, it } from 'vitest';
import type { CancellationVerdict } from '../../source/domain/worker-protocol.js';
import { createCancellationGuard } from '../../source/guard/cancellation-guard.js';
import type { GuardLogger, GuardOptions } from '../../source/guard/guard-types.js';
import { command, deferred, emitterOf, loggerOf, verdict } from './fakes.js';

const boom = (): never => {
  throw new Error('the disk is full');
};
const rejecting = (() => Promise.reject(new Error('the socket is gone'))) as unknown as GuardLogger['info'];
const LOGGERS: readonly (readonly [string, GuardLogger])[] = [
  ['throws', { info: boom, warn: boom }],
  ['rejects', { info: rejecting, warn: rejecting }],
  ['has no methods', {} as GuardLogger],
];

function guardOn(options: Partial<GuardOptions>) {
  const { emit, emitted } = emitterOf();
  const { logger, lines } = loggerOf();
  const guard = createCancellationGuard({
    check: async () => verdict(false),
    emit,
    logger,
    emitBackoffMs: 1,
    timeoutMs: 60_000,
    ...options,
  });
  return { guard, emitted, lines };
}

const work = () => {
  const done: string[] = [];
  return {
    done,
    claim: async () => {
      done.push('claim');
      return true;
    },
    execute: async () => {
      done.push('execute');
      return 'result';
    },
  };
};

describe.each(LOGGERS)('a logger that %s', (_how, logger) => {
  it('does not swallow command.cancelled, at either point', async () => {
    for (const at of ['before-claim', 'after-claim'] as const) {
      let checks = 0;
      const { guard, emitted } = guardOn({
        logger,
        check: async () => verdict(at === 'before-claim' || ++checks > 1),
      });
      expect(await guard.run(command, work())).toEqual({ kind: 'skipped', at, emitted: true });
      expect(emitted.map((event) => event.eventType)).toEqual(['command.cancelled']);
    }
  });

  it('does not change what a failed check or a lost emit means', async () => {
    const { guard } = guardOn({ logger, check: boom });
    expect(await guard.run(command, work())).toMatchObject({ kind: 'executed' });
    const closed = guardOn({ logger, check: boom, failOpen: false });
    expect(await closed.guard.run(command, work())).toMatchObject({ kind: 'failed', step: 'check' });
    const mute = guardOn({ logger, check: async () => verdict(true), emit: boom, emitAttempts: 2 });
    expect(await mute.guard.run(command, work())).toEqual({ kind: 'skipped', at: 'before-claim', emitted: false });
  });
});

describe.each([
  ['{}', {}],
  ['undefined', undefined],
  ['null', null],
  ['a text', 'cancelled'],
  ['a list', []],
  ['cancelled as text', { ...verdict(true), cancelled: 'false' }],
  ['cancelled as a number', { ...verdict(true), cancelled: 0 }],
  ['cancelled as null', { ...verdict(true), cancelled: null }],
])('a check that answers %s', (_what, answer) => {
  const check = async () => answer as unknown as CancellationVerdict;

  it('runs the command only where the guard fails open, with a warning at each check', async () => {
    const { guard, lines } = guardOn({ check });
    const done = work();
    expect(await guard.run(command, done)).toMatchObject({ kind: 'executed' });
    expect(lines.map(({ level }) => level)).toEqual(['warn', 'warn']);
  });

  it('leaves it alone where the guard fails closed', async () => {
    const { guard, lines } = guardOn({ check, failOpen: false });
    const done = work();
    expect(await guard.run(command, done)).toMatchObject({ kind: 'failed', step: 'check', at: 'before-claim' });
    expect(done.done).toEqual([]);
    expect(lines.map(({ level }) => level)).toEqual(['warn']);
  });
});

describe('the worker’s abort', () => {
  it.each([true, false])(
    'interrupts a check that hangs, before and after the claim (failOpen %s)',
    async (failOpen) => {
      for (const hanging of [1, 2]) {
        const stop = new AbortController();
        const reached = deferred<void>();
        let checks = 0;
        const { guard, emitted } = guardOn({
          failOpen,
          check: async () => {
            if (++checks < hanging) return verdict(false);
            reached.resolve();
            return new Promise(() => {});
          },
        });
        const done = work();
        const outcome = guard.run(command, { ...done, signal: stop.signal });
        await reached.promise;
        stop.abort(new Error('shutting down'));
        expect(await outcome).toEqual({
          kind: 'failed',
          step: 'check',
          at: hanging === 1 ? 'before-claim' : 'after-claim',
          error: new Error('shutting down'),
        });
        expect(done.done).toEqual(hanging === 1 ? [] : ['claim']);
        expect(emitted).toEqual([]);
      }
    },
  );

  it('leaves a shared check to the commands that still wait for it', async () => {
    const stop = new AbortController();
    const answer = deferred<CancellationVerdict>();
    const { guard } = guardOn({ check: () => answer.promise });
    const aborted = guard.run(command, { ...work(), signal: stop.signal });
    const other = guard.run({ ...command, commandId: 'other' }, work());
    stop.abort(new Error('shutting down'));
    expect(await aborted).toMatchObject({ kind: 'failed', step: 'check' });
    answer.resolve(verdict(true));
    expect(await other).toMatchObject({ kind: 'skipped' });
  });
});

it('a claim that answers neither true nor false runs nothing', async () => {
  for (const answer of [{}, 'claimed', 1, undefined]) {
    const { guard } = guardOn({});
    const done = { ...work(), claim: async () => answer as unknown as boolean };
    expect(await guard.run(command, done)).toMatchObject({ kind: 'failed', step: 'claim' });
    expect(done.done).toEqual([]);
  }
});
