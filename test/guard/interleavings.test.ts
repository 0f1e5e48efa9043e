import { describe, expect, it } from 'vitest';
import type { CommandEvent } from '../../source/domain/command-state.js';
import {
  type CancellationPoint,
  decideWorkerEvent,
  skippedCommandEvent,
  type WorkerEvent,
} from '../../source/domain/worker-protocol.js';
import { nextState, PROTOCOL_START, type ProtocolInput, type ProtocolState } from '../../source/guard/protocol.js';

/**
 * A small model checker: two workers run the guard's own state machine against one command, and a cancel lands. Every
 * order of their steps is walked. What a step does to the log and when its answer arrives are two separate moments, so
 * a cancel can land between them; each check, claim, emit and execution can fail, with and without its effect.
 */
interface Worker {
  readonly name: string;
  readonly state: ProtocolState;
  /** What the step under way did, not yet delivered. */
  readonly answer: ProtocolInput | null;
  readonly emitsLeft: number;
  readonly cancelledAtClaim: boolean;
  readonly checkFailed: boolean;
  /** The worker shut down while a check hung. */
  readonly aborted: boolean;
  readonly executed: boolean;
}

interface World {
  readonly cancelled: boolean;
  /** Type and worker of the command's events, in order. */
  readonly log: readonly (readonly [type: string, worker: string])[];
  readonly workers: readonly Worker[];
}

interface Model {
  readonly failOpen: boolean;
  /** `locked`: claims go through the store. `plain`: an engine that only looks whether somebody holds the command. */
  readonly claims: 'locked' | 'plain';
  readonly failures: boolean;
}

const worker = (name: string): Worker => ({
  name,
  state: PROTOCOL_START,
  answer: null,
  emitsLeft: 2,
  cancelledAtClaim: false,
  checkFailed: false,
  aborted: false,
  executed: false,
});

const eventsOf = (world: World): CommandEvent[] =>
  world.log.map(([type, workerId], index) => ({
    eventId: String(index + 1),
    type,
    commandKey: 'c',
    node: 'step',
    workerId,
    at: index,
  }));

const claimEvent = (workerId: string): WorkerEvent => ({
  ...skip(workerId, 'before-claim'),
  eventType: 'command.claimed',
});
const skip = (workerId: string, at: CancellationPoint): WorkerEvent =>
  skippedCommandEvent({ executionId: '1', commandId: 'c', step: 'step', workerId, at });

type Effect = { readonly answer: ProtocolInput; readonly append?: string; readonly worker?: Partial<Worker> };

/** Everything that the step under way may do at this moment. */
function effects(world: World, who: Worker, model: Model): Effect[] {
  const { state } = who;
  const lost = (effect: Effect, answer: ProtocolInput): Effect[] => (model.failures ? [{ ...effect, answer }] : []);
  switch (state.step) {
    case 'check': {
      const seen: Effect = { answer: world.cancelled ? 'cancelled' : 'not-cancelled' };
      return [
        seen,
        ...lost({ answer: 'check-failed', worker: { checkFailed: true } }, 'check-failed'),
        ...lost({ answer: 'aborted', worker: { aborted: true } }, 'aborted'),
      ];
    }
    case 'claim': {
      const decision =
        model.claims === 'locked'
          ? decideWorkerEvent(claimEvent(who.name), eventsOf(world), world.cancelled).kind
          : world.log.some(([type]) => type === 'command.claimed')
            ? 'refused'
            : 'append';
      if (decision !== 'append') return [{ answer: decision === 'duplicate' ? 'claimed' : 'refused' }];
      const claimed: Effect = {
        answer: 'claimed',
        append: 'command.claimed',
        worker: { cancelledAtClaim: world.cancelled },
      };
      return [claimed, ...lost({ answer: 'claim-failed' }, 'claim-failed'), ...lost(claimed, 'claim-failed')];
    }
    case 'execute': {
      const started: Effect = { answer: 'executed', append: 'command.started', worker: { executed: true } };
      return [started, ...lost(started, 'execute-failed')];
    }
    case 'emit': {
      const decision = decideWorkerEvent(skip(who.name, state.at), eventsOf(world), world.cancelled);
      const attempt: Effect =
        decision.kind === 'append'
          ? { answer: 'emitted', append: 'command.cancelled' }
          : { answer: decision.kind === 'duplicate' ? 'emitted' : 'emit-failed' };
      const left = { emitsLeft: who.emitsLeft - 1 };
      return [
        attempt,
        ...lost({ answer: 'emit-failed', worker: left }, 'emit-failed'),
        ...lost({ ...attempt, worker: left }, 'emit-failed'),
      ];
    }
    case 'done':
      return [];
  }
}

/** Every world that one step leads to. */
function successors(world: World, model: Model): World[] {
  const next: World[] = [];
  if (!world.cancelled) next.push({ ...world, cancelled: true });
  world.workers.forEach((who, index) => {
    const withWorker = (changed: Worker, log = world.log): World => ({
      ...world,
      log,
      workers: world.workers.map((other, at) => (at === index ? changed : other)),
    });
    if (who.answer !== null) {
      // A lost attempt to emit is tried again while attempts are left: the step does not end.
      const again = who.state.step === 'emit' && who.answer === 'emit-failed' && who.emitsLeft === 1;
      const state = again ? who.state : nextState(who.state, who.answer, model.failOpen);
      next.push(withWorker({ ...who, state, answer: null, emitsLeft: again ? 0 : who.emitsLeft }));
      return;
    }
    for (const effect of effects(world, who, model)) {
      const log = effect.append ? [...world.log, [effect.append, who.name] as const] : world.log;
      next.push(withWorker({ ...who, ...effect.worker, answer: effect.answer }, log));
    }
  });
  return next;
}

/** Walks every reachable world once and hands each to the judge; says how many there were and how many were final. */
function walk(model: Model, judge: (world: World, final: boolean) => void) {
  const start: World = {
    cancelled: false,
    log: [['command.issued', 'engine']],
    workers: [worker('a'), worker('b')],
  };
  const seen = new Set<string>([JSON.stringify(start)]);
  const open = [start];
  let finals = 0;
  for (let world = open.pop(); world; world = open.pop()) {
    const next = successors(world, model);
    const final = world.workers.every((who) => who.state.step === 'done');
    if (final) finals++;
    judge(world, final);
    for (const one of next) {
      const key = JSON.stringify(one);
      if (!seen.has(key)) {
        seen.add(key);
        open.push(one);
      }
    }
  }
  return { worlds: seen.size, finals };
}

const count = (world: World, type: string) => world.log.filter(([one]) => one === type).length;
const where = (world: World) => JSON.stringify(world);

describe.each<Model>([
  { failOpen: true, claims: 'locked', failures: false },
  { failOpen: true, claims: 'plain', failures: false },
  { failOpen: true, claims: 'locked', failures: true },
  { failOpen: true, claims: 'plain', failures: true },
  { failOpen: false, claims: 'locked', failures: true },
  { failOpen: false, claims: 'plain', failures: true },
])(
  'every interleaving of two workers and a cancel ($claims claims, failOpen $failOpen, failures $failures)',
  (model) => {
    it('keeps the protocol’s promises', () => {
      const kinds = new Set<string>();
      const { worlds, finals } = walk(model, (world, final) => {
        const [a, b] = world.workers as [Worker, Worker];
        expect(count(world, 'command.claimed'), `one claim: ${where(world)}`).toBeLessThanOrEqual(1);
        expect(count(world, 'command.started'), `one execution: ${where(world)}`).toBeLessThanOrEqual(1);
        expect(count(world, 'command.cancelled'), `one command.cancelled: ${where(world)}`).toBeLessThanOrEqual(1);
        for (const who of [a, b]) {
          if (!who.executed) continue;
          expect(who.aborted, `an aborted check runs nothing: ${where(world)}`).toBe(false);
          // Claimed after the cancel and executed: only where a check could not be made and the guard fails open.
          if (who.cancelledAtClaim) expect(who.checkFailed && model.failOpen, where(world)).toBe(true);
          if (!model.failOpen) expect(who.checkFailed, where(world)).toBe(false);
          if (!who.checkFailed) expect(count(world, 'command.cancelled'), `not both: ${where(world)}`).toBe(0);
        }
        if (!final) return;
        for (const who of [a, b]) {
          if (who.state.step !== 'done') continue;
          const { end } = who.state;
          kinds.add(end.kind === 'skipped' ? `${end.kind} ${end.at} ${end.emitted}` : end.kind);
          if (end.kind === 'skipped') {
            expect(who.executed, where(world)).toBe(false);
            if (end.emitted) expect(count(world, 'command.cancelled'), where(world)).toBe(1);
            // Without failures a skip goes untold only where the other worker had the command and answers for it.
            else if (!model.failures) {
              expect(count(world, 'command.started') + count(world, 'command.cancelled'), where(world)).toBe(1);
            }
          }
          if (end.kind === 'executed') expect(who.executed, where(world)).toBe(true);
        }
      });
      expect(worlds).toBeGreaterThan(300);
      expect(finals).toBeGreaterThan(10);
      for (const kind of ['executed', 'not-claimed', 'skipped before-claim true', 'skipped after-claim true']) {
        expect([...kinds]).toContain(kind);
      }
    });
  },
);

describe('the protocol', () => {
  it('refuses an input that its state did not ask for', () => {
    expect(() => nextState(PROTOCOL_START, 'executed', true)).toThrow('does not take executed');
    expect(() => nextState({ step: 'done', end: { kind: 'executed' } }, 'claimed', true)).toThrow('done');
  });

  it('never leads from an aborted check to anything but the end, closed or open', () => {
    for (const at of ['before-claim', 'after-claim'] as const) {
      for (const failOpen of [true, false]) {
        expect(nextState({ step: 'check', at }, 'aborted', failOpen)).toEqual({
          step: 'done',
          end: { kind: 'failed', step: 'check', at },
        });
      }
    }
  });

  it('never leads from a check that said cancelled to an execution', () => {
    for (const at of ['before-claim', 'after-claim'] as const) {
      for (const failOpen of [true, false]) {
        const emit = nextState({ step: 'check', at }, 'cancelled', failOpen);
        expect(emit).toEqual({ step: 'emit', at });
        for (const input of ['emitted', 'emit-failed'] as const) {
          expect(nextState(emit, input, failOpen)).toMatchObject({ step: 'done', end: { kind: 'skipped', at } });
        }
      }
    }
  });
});
