import { describe, expect, it } from 'vitest';
import { planExecutions } from '../../bench/generator/plan.js';
import { shapeBook } from '../../bench/generator/shape-book.js';
import { isStartType } from '../../source/domain/event-types.js';
import { executionStatus } from '../../source/domain/execution-status.js';
import { layoutOf } from '../../source/domain/snowflake.js';

const NOW = Date.UTC(2026, 7, 1);
const EVENTS = 500_000;
const plan = planExecutions(EVENTS, 20_260_801, NOW);

describe('the shapes', () => {
  const { shapes } = shapeBook();

  it('have 11 to 200 events, begin with a start and end as they say', () => {
    for (const { stack, end, events } of shapes) {
      expect(events.length).toBeGreaterThan(10);
      expect(events.length).toBeLessThanOrEqual(200);
      expect(isStartType(events[0]!.type)).toBe(true);
      expect(events[0]!.type.startsWith('playbook_')).toBe(stack === 'rust');
      expect(executionStatus(events.map(({ type }) => type)).status).toBe(end.toUpperCase());
    }
  });

  it('never go back in time', () => {
    for (const { events } of shapes) {
      expect(events.map(({ position }) => position)).toEqual(events.map((_, index) => index + 1));
      for (const [index, { offsetMs }] of events.entries()) {
        expect(offsetMs).toBeGreaterThanOrEqual(events[index - 1]?.offsetMs ?? 0);
      }
    }
  });

  it('issue commands with contexts of 300 to 800 bytes, and results that the table accepts', () => {
    for (const { type, context, result } of shapes.flatMap(({ events }) => events)) {
      if (type === 'command.issued') expect(context!.length).toSatisfy((size: number) => size >= 300 && size <= 800);
      const keys = result === null ? [] : Object.keys(JSON.parse(result));
      expect(keys.filter((key) => !['status', 'reference', 'context'].includes(key))).toEqual([]);
    }
  });
});

describe('a plan', () => {
  it('is the same for the same seed', () => {
    expect(planExecutions(20_000, 7, NOW).executions).toEqual(planExecutions(20_000, 7, NOW).executions);
    expect(planExecutions(20_000, 8, NOW).executions).not.toEqual(planExecutions(20_000, 7, NOW).executions);
  });

  it('has about as many events as asked for, and no id twice', () => {
    expect(plan.events).toBeGreaterThanOrEqual(EVENTS);
    expect(plan.events).toBeLessThan(EVENTS + 1000);
    expect(new Set(plan.executions.map(({ id }) => id)).size).toBe(plan.executions.length);
  });

  it('leaves about one in two hundred without an end, cut before its last row', () => {
    const open = plan.executions.filter(({ terminal }) => !terminal);
    expect(open.length / plan.executions.length).toSatisfy((share: number) => share > 0.003 && share < 0.008);
    for (const { shape, cut } of open) expect(cut).toBeLessThan(plan.book.shapes[shape]!.events.length);
    expect(plan.executions.every(({ lastMs }) => lastMs < NOW)).toBe(true);
  });

  it('gives ids in the layout of their stack', () => {
    for (const { id, stack, startedMs, inline } of plan.executions) {
      if (!inline) expect(layoutOf(id, startedMs)).toBe(stack === 'rust' ? 'rust' : 'database');
    }
  });

  it('has trees of exactly five', () => {
    const below = new Map<bigint, bigint[]>();
    for (const { id, parent } of plan.executions) {
      if (parent !== null) below.set(parent, [...(below.get(parent) ?? []), id]);
    }
    const size = (id: bigint): number => (below.get(id) ?? []).reduce((sum, child) => sum + size(child), 1);
    expect(plan.treesOfFive.map(size)).toEqual(plan.treesOfFive.map(() => 5));
  });
});
