import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isStartType, START_TYPES, stackOfStartType, TERMINAL_TYPES } from '../../source/domain/event-types.js';
import { executionStatus, isSilent, terminalStatusOf } from '../../source/domain/execution-status.js';

/** event-store.md's table, written out again by hand so that a slip in the vocabulary is caught. */
const ENDS: Record<string, string> = {
  'playbook.completed': 'COMPLETED',
  playbook_completed: 'COMPLETED',
  'workflow.completed': 'COMPLETED',
  'playbook.failed': 'FAILED',
  playbook_failed: 'FAILED',
  'workflow.failed': 'FAILED',
  'execution.cancelled': 'CANCELLED',
  'playbook.cancelled': 'CANCELLED',
  playbook_cancelled: 'CANCELLED',
};

const NEVER_ENDS = [
  'command.failed',
  'call.error',
  'step_failed',
  'batch.completed',
  'command.completed',
  'command.cancelled',
  'step.exit',
  'loop.done',
  'workflow.initialized',
  'PLAYBOOK.COMPLETED',
  'playbook.completed ',
  '',
];

describe('terminal words', () => {
  it.each(Object.entries(ENDS))('%s ends an execution as %s', (type, status) => {
    expect(terminalStatusOf(type)).toBe(status);
    expect(executionStatus(['playbook_started', type, 'command.completed']).status).toBe(status);
  });

  it('are exactly these', () => {
    expect([...TERMINAL_TYPES].sort()).toEqual(Object.keys(ENDS).sort());
  });

  it.each(NEVER_ENDS)('%j never ends an execution', (type) => {
    expect(terminalStatusOf(type)).toBeNull();
    expect(executionStatus(['playbook.initialized', type]).status).toBe('RUNNING');
  });
});

describe('start words', () => {
  it.each([
    ['playbook.initialized', 'python'],
    ['playbook_started', 'rust'],
    ['playbook.started', 'rust'],
    ['workflow.initialized', null],
    ['unheard.of', null],
  ])('%s begins an execution of %s', (type, stack) => {
    expect(stackOfStartType(type)).toBe(stack);
    expect(isStartType(type)).toBe(stack !== null);
  });

  it('has no stack for a missing type', () => {
    expect(stackOfStartType(null)).toBeNull();
    expect(START_TYPES).toHaveLength(3);
  });
});

describe('an execution status', () => {
  const word = fc.oneof(
    fc.constantFrom(...Object.keys(ENDS), ...NEVER_ENDS, 'playbook_started'),
    fc.string(),
    fc.constant(null),
  );

  it('does not depend on order or repetition', () => {
    fc.assert(
      fc.property(fc.array(word), fc.nat(), (types, seed) => {
        const shuffled = [...types, ...types].sort(
          (a, b) => ((`${a}`.length * 31 + seed) % 7) - ((`${b}`.length * 17 + seed) % 5),
        );
        expect(executionStatus(shuffled)).toEqual(executionStatus(types));
      }),
    );
  });

  it('is the highest of its ends, and tells them all', () => {
    fc.assert(
      fc.property(fc.array(word), (types) => {
        const kinds = new Set(
          types.flatMap((type) => (type !== null && Object.hasOwn(ENDS, type) ? [ENDS[type]] : [])),
        );
        const expected = ['COMPLETED', 'FAILED', 'CANCELLED'].filter((kind) => kinds.has(kind));
        const verdict = executionStatus(types);
        expect(verdict.ends).toEqual(expected);
        expect(verdict.status).toBe(expected[0] ?? 'RUNNING');
      }),
    );
  });

  it('is stale only beyond the threshold', () => {
    expect(isSilent(1000, 601_000, 600_000)).toBe(false);
    expect(isSilent(1000, 601_001, 600_000)).toBe(true);
    expect(isSilent(2000, 1000, 0)).toBe(false);
    expect(isSilent(null, 1000, 0)).toBe(true);
  });
});
