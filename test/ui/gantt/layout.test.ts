import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arrange } from '../../../source/service/tree.js';
import type { EventDetail } from '../../../source/store/event-store.js';
import { displayWidth } from '../../../source/text/width.js';
import { axisLine, barCells, ganttColumns, rangeOf, runsOf } from '../../../source/ui/gantt/layout.js';
import { childWaits, type GanttRow, iterationRows, stepRows, treeRows } from '../../../source/ui/gantt/rows.js';
import { commandSpans, covered, united } from '../../../source/ui/gantt/spans.js';
import { eventDetail } from '../helpers/events.js';
import { execution } from '../helpers/executions.js';

const NO_CHILDREN = { ofCommand: new Map(), ofStep: new Map() };
let ids = 0;
const event = (at: number, type: string, node: string, change: Partial<EventDetail> = {}): EventDetail =>
  eventDetail(++ids, { type, node, at, ...change });
/** A command's life; a null leaves the event out. */
const command = (
  node: string,
  [issued, claimed, ended]: readonly [number, number | null, number | null],
  change: Partial<EventDetail> & { end?: string } = {},
): EventDetail[] => {
  const { end = 'command.completed', ...rest } = change;
  return [
    event(issued, 'command.issued', node, rest),
    ...(claimed === null ? [] : [event(claimed, 'command.claimed', node, { ...rest, workerId: 'w1' })]),
    ...(claimed === null ? [] : [event(claimed + 1, 'command.started', node, { ...rest, workerId: 'w1' })]),
    ...(ended === null ? [] : [event(ended, end, node, { ...rest, workerId: 'w1' })]),
  ];
};
const inOrder = (events: readonly EventDetail[]) =>
  [...events].sort((a, b) => a.at - b.at).map((one, at) => ({ ...one, eventId: String(at + 1) }));
const row = (change: Partial<GanttRow>): GanttRow => ({
  id: 'r',
  label: 'r',
  who: '',
  depth: 0,
  from: 0,
  to: null,
  state: 'running',
  spans: [],
  waitsOn: [],
  lastAt: 0,
  subject: { kind: 'whole' },
  children: [],
  ...change,
});
const text = (one: GanttRow, range: { from: number; to: number }, width: number) =>
  runsOf(barCells(one, { ...range, silentSince: null }, width))
    .map((run) => run.text)
    .join('');

describe('commands from events', () => {
  it('are tied by their command ids, with who took them, and what they waited for a worker', () => {
    const spans = commandSpans(
      inOrder([
        ...command('load', [0, 10, 50], { commandId: 'a', iteration: 0 }),
        ...command('load', [1, 40, 45], { commandId: 'b', iteration: 1, end: 'command.failed', error: 'boom' }),
        ...command('load', [2, null, null], { commandId: 'c', iteration: 2 }),
      ]),
    );
    expect(spans).toMatchObject([
      { iteration: 0, from: 0, begun: 10, to: 50, worker: 'w1', state: 'completed', attempts: 1 },
      { iteration: 1, from: 1, begun: 40, to: 45, state: 'failed', error: 'boom' },
      { iteration: 2, from: 2, begun: null, to: null, worker: null, state: 'waiting' },
    ]);
  });

  it('without command ids are taken and ended in the order of their issue', () => {
    const spans = commandSpans(
      inOrder([...command('load', [0, 10, 20]), ...command('load', [1, 30, 40]), ...command('load', [2, 50, null])]),
    );
    expect(spans.map(({ from, begun, to }) => [from, begun, to])).toEqual([
      [0, 10, 20],
      [1, 30, 40],
      [2, 50, null],
    ]);
  });

  it('count a second claim as another attempt, pass over a second end, and begin where the log was cut', () => {
    const again = commandSpans(
      inOrder([
        ...command('load', [0, 10, 99], { commandId: 'a' }),
        event(50, 'command.claimed', 'load', { commandId: 'a', workerId: 'w2' }),
        event(120, 'command.completed', 'load', { commandId: 'a' }),
      ]),
    );
    expect(again).toMatchObject([{ attempts: 2, begun: 10, to: 99, worker: 'w1' }]);
    const cut = commandSpans([event(5, 'command.started', 'load', { commandId: 'a' })]);
    expect(cut).toMatchObject([{ isCut: true, begun: 5, attempts: 1 }]);
  });

  it('are steps where the log has no commands of them', () => {
    const spans = commandSpans(
      inOrder([
        event(0, 'step.enter', 'old'),
        event(9, 'step.exit', 'old'),
        event(10, 'step.enter', 'new'),
        ...command('new', [11, 12, 20]),
      ]),
    );
    expect(spans.map(({ node, from, to }) => [node, from, to])).toEqual([
      ['old', 0, 9],
      ['new', 11, 20],
    ]);
  });
});

const span = fc
  .tuple(fc.integer({ min: -50, max: 2000 }), fc.nat(500), fc.nat(500), fc.constantFrom(0, 1, 2, 3))
  .map(([from, wait, run, kind]) => ({
    from,
    begun: kind === 0 ? null : from + wait,
    to: kind < 2 ? null : from + wait + run,
    state: (['waiting', 'running', 'completed', 'failed'] as const)[kind] ?? 'running',
  }));
const anyRow = fc
  .tuple(fc.array(span, { maxLength: 6 }), fc.array(fc.tuple(fc.nat(2000), fc.nat(300)), { maxLength: 4 }))
  .map(([spans, waits]) => row({ spans, waitsOn: waits.map(([from, length]) => ({ from, to: from + length })) }));

describe('bars', () => {
  it('have exactly the width they are given, whatever the times are', () => {
    fc.assert(
      fc.property(anyRow, fc.nat(1000), fc.integer({ min: 1, max: 3000 }), fc.nat(220), (one, from, length, width) => {
        const line = text(one, { from, to: from + length }, width);
        expect(displayWidth(line)).toBe(width);
        expect(displayWidth(axisLine({ from, to: from + length, silentSince: null }, width))).toBe(width);
      }),
    );
  });

  it('keep the order of time: what begins later never begins further left, and nothing is invisible', () => {
    fc.assert(
      fc.property(span, span, fc.integer({ min: 1, max: 220 }), (a, b, width) => {
        const range = { from: Math.min(a.from, b.from), to: 3100 };
        const start = (one: typeof a) => text(row({ spans: [one] }), range, width).search(/\S/);
        expect(start(a)).toBeGreaterThanOrEqual(0);
        if (a.from <= b.from) expect(start(a)).toBeLessThanOrEqual(start(b));
      }),
    );
  });

  it('show waiting for a worker, work, waiting for children, and how it ended', () => {
    const spans = [{ from: 0, begun: 20, to: 100, state: 'failed' as const }];
    const one = row({ spans, waitsOn: [{ from: 40, to: 60 }] });
    expect(text(one, { from: 0, to: 100 }, 10)).toBe('░░██──███✗');
    expect(
      text(row({ spans: [{ from: 50, begun: null, to: null, state: 'waiting' }] }), { from: 0, to: 100 }, 10),
    ).toBe('     ░░░░»');
  });

  it('stand times without an end', () => {
    const [least, most] = [-8.64e15, 8.64e15];
    const one = row({
      from: least,
      to: most,
      lastAt: most,
      spans: [{ from: least, begun: 0, to: most, state: 'failed' }],
    });
    const range = rangeOf([one], 0);
    expect(text(one, range, 10)).toBe('░░░░░████✗');
    expect(axisLine(range, 20)).toHaveLength(20);
  });

  it('leave room for everything from 60 columns on', () => {
    for (const width of [60, 80, 120, 200]) {
      const { label, who, took, bar } = ganttColumns(width);
      expect(2 + label + who + took + bar).toBe(width);
      expect(bar).toBeGreaterThanOrEqual(width >= 120 ? 50 : 30);
    }
  });

  it('cut off a silence that would leave nothing of the rest', () => {
    const open = row({ from: 0, lastAt: 10_000, to: null });
    expect(rangeOf([open], 12_000)).toEqual({ from: 0, to: 12_000, silentSince: null });
    expect(rangeOf([open], 9_000_000)).toEqual({ from: 0, to: 11_000, silentSince: 10_000 });
    expect(rangeOf([{ ...open, to: 10_000 }], 9_000_000)).toEqual({ from: 0, to: 10_000, silentSince: null });
  });

  it('have a scale whose ticks stand where their times are', () => {
    expect(axisLine({ from: 1000, to: 61_000, silentSince: null }, 40)).toBe(
      '│0        │15s      │30s      │45s      ',
    );
  });
});

describe('intervals', () => {
  it('united cover the same time once', () => {
    const intervals = fc.array(fc.tuple(fc.nat(100), fc.nat(30)), { maxLength: 20 });
    fc.assert(
      fc.property(intervals, (pairs) => {
        const all = pairs.map(([from, length]) => ({ from, to: from + length }));
        const times = new Set(all.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, at) => from + at)));
        expect(covered(all, 0)).toBe(times.size);
        const joined = united(all, 0);
        expect(joined.every((one, at) => at === 0 || one.from > (joined[at - 1]?.to ?? 0))).toBe(true);
      }),
    );
  });
});

describe('rows', () => {
  const start = event(0, 'playbook_started', 'etl/load');
  const tree = (children: readonly { id: string; from: number; to: number | null; path?: string }[]) => {
    const root = execution('1', { startedAt: 0, endedAt: 200, status: 'COMPLETED' });
    const all = children.map(({ id, from, to }) =>
      execution(id, {
        startedAt: from,
        endedAt: to,
        status: to === null ? 'RUNNING' : 'COMPLETED',
        path: `etl/c${id}`,
      }),
    );
    const links = children.map(({ id }) => ({ parent: '1', child: id }));
    const byId = new Map([root, ...all].map((one) => [one.executionId, one]));
    return { root: '1', ...arrange('1', links, byId), truncated: false, asOf: 500 };
  };

  it('of steps hold all iterations of a step, in the order in which the steps began', () => {
    const events = [
      start,
      ...inOrder([
        ...command('b', [10, 20, 30], { commandId: 'b0', iteration: 0 }),
        ...command('a', [40, 50, 60], { commandId: 'a' }),
        ...command('b', [70, 80, null], { commandId: 'b1', iteration: 1 }),
      ]),
    ];
    const spans = commandSpans(events);
    const steps = stepRows(events, spans, 'etl/load', NO_CHILDREN);
    expect(steps.map(({ label, state, to }) => [label, state, to])).toEqual([
      ['etl/load', 'running', null],
      ['b ×2', 'running', null],
      ['a', 'completed', 60],
    ]);
    expect(iterationRows(events, spans, null, NO_CHILDREN).map(({ label }) => label)).toEqual([
      'execution',
      'b[0]',
      'a',
      'b[1]',
    ]);
  });

  it('say which command waited on which child, and only the step where that is not certain', () => {
    const call = { nodeType: 'playbook' };
    const spans = commandSpans(
      inOrder([
        ...command('other', [0, 1, 200], { commandId: 'o', nodeType: 'http' }),
        ...command('call', [10, 20, 60], { commandId: 'c0', iteration: 0, ...call }),
        ...command('call', [10, 50, 90], { commandId: 'c1', iteration: 1, ...call }),
      ]),
    );
    const waits = childWaits(
      spans,
      tree([
        { id: '2', from: 25, to: 40 },
        { id: '3', from: 55, to: 58 },
        { id: '4', from: 150, to: 160 },
      ]),
    );
    const first = spans.find(({ iteration }) => iteration === 0)?.eventId ?? '';
    expect([...waits.ofCommand].map(([id, nodes]) => [id, nodes.map((node) => node.executionId)])).toContainEqual([
      first,
      ['2'],
    ]);
    expect(waits.ofStep.get('call')?.map((node) => node.executionId)).toEqual(['2', '3']);
    expect(waits.ofStep.get('other')?.map((node) => node.executionId)).toEqual(['4']);
  });

  it('of a tree stand below their parent, which waits on them while it lives', () => {
    const rows = treeRows(
      tree([
        { id: '3', from: 100, to: null },
        { id: '2', from: 20, to: 50 },
      ]),
    );
    expect(rows.map(({ id }) => id)).toEqual(['1', '2', '3']);
    expect(rows[0]?.waitsOn).toEqual([
      { from: 20, to: 50 },
      { from: 100, to: 200 },
    ]);
  });
});
