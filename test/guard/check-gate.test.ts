import { describe, expect, it } from 'vitest';
import type { CancellationVerdict } from '../../source/domain/worker-protocol.js';
import { CheckGate } from '../../source/guard/check-gate.js';
import { deferred, turn, verdict } from './fakes.js';

/** A gate whose checks the test answers one by one. */
function gateOf(coalesceMs = 0) {
  const checks: ReturnType<typeof deferred<CancellationVerdict | null>>[] = [];
  const clock = { now: 0 };
  const gate = new CheckGate({
    check: () => {
      const check = deferred<CancellationVerdict | null>();
      checks.push(check);
      return check.promise;
    },
    timeoutMs: 60_000,
    coalesceMs,
    now: () => clock.now,
  });
  return { gate, checks, clock };
}

describe('CheckGate', () => {
  it('shares a check that has not started, and one under way with whoever needs no later one', async () => {
    const { gate, checks } = gateOf();
    const first = gate.ask('1');
    const second = gate.ask('1');
    await turn();
    const third = gate.ask('1');
    expect(checks).toHaveLength(1);
    checks[0]?.resolve(verdict(false));
    expect(await Promise.all([first, second, third])).toEqual([verdict(false), verdict(false), verdict(false)]);
  });

  it('never answers a claim from a check that started before it', async () => {
    const { gate, checks } = gateOf(60_000);
    const before = gate.ask('1');
    await turn();
    const mark = gate.mark();
    const after = gate.ask('1', mark);
    await turn();
    expect(checks).toHaveLength(2);
    checks[0]?.resolve(verdict(false));
    checks[1]?.resolve(verdict(true));
    expect((await before).cancelled).toBe(false);
    expect((await after).cancelled).toBe(true);
    // An answer that is kept serves whoever claimed before its check began, and nobody who claims now.
    expect((await gate.ask('1', mark)).cancelled).toBe(true);
    void gate.ask('1', gate.mark()).catch(() => {});
    await turn();
    expect(checks).toHaveLength(3);
  });

  it('keeps an answer for so long and no longer', async () => {
    const { gate, checks, clock } = gateOf(100);
    const first = gate.ask('1');
    await turn();
    checks[0]?.resolve(verdict(false));
    await first;
    clock.now = 99;
    await gate.ask('1');
    expect(checks).toHaveLength(1);
    clock.now = 100;
    void gate.ask('1').catch(() => {});
    await turn();
    expect(checks).toHaveLength(2);
  });

  it('keeps executions apart and does not keep a failure', async () => {
    const { gate, checks } = gateOf(100);
    const failing = gate.ask('1');
    const other = gate.ask('2');
    await turn();
    expect(checks).toHaveLength(2);
    checks[0]?.reject(new Error('away'));
    checks[1]?.resolve(verdict(true, '2'));
    await expect(failing).rejects.toThrow('away');
    expect((await other).executionId).toBe('2');
    void gate.ask('1').catch(() => {});
    await turn();
    expect(checks).toHaveLength(3);
  });
});
