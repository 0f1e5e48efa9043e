import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseFilter } from '../../../source/domain/filter.js';
import type { ExecutionSummary } from '../../../source/service/live-feed/feed-state.js';
import { syncChanges, syncOrder } from '../../../source/ui/list/order-keeper.js';
import { DEFAULT_SORT, makeOrder, type OrderQuery } from '../../../source/ui/list/row-order.js';
import { MINUTE, NOW, row, staleRow } from '../helpers/executions.js';

const clock = { now: NOW, staleAfterMs: 10 * MINUTE };
const query = (change: Partial<OrderQuery> = {}): OrderQuery => ({
  view: 'active',
  filter: [],
  sort: DEFAULT_SORT.active,
  clock,
  ...change,
});
const mapOf = (rows: readonly ExecutionSummary[]) => new Map(rows.map((one) => [one.execution.executionId, one]));

describe('an order of rows', () => {
  const rows = mapOf([
    row('1', { startedAt: NOW - 3 * MINUTE }),
    row('2', { startedAt: NOW - 1 * MINUTE }),
    staleRow('3', 'orphaned', { startedAt: NOW - 90 * MINUTE }),
    row('4', { status: 'CANCELLED', endedAt: NOW }),
    row('5', { status: 'COMPLETED', endedAt: NOW }),
  ]);

  it('holds the rows of its view', () => {
    expect(makeOrder(rows, query()).ids).toEqual(['2', '1', '3']);
    expect(makeOrder(rows, query({ view: 'stale' })).ids).toEqual(['3']);
    expect(makeOrder(rows, query({ view: 'cancelled' })).ids).toEqual(['4']);
    expect(makeOrder(rows, query({ view: 'all' })).ids).toHaveLength(5);
  });

  it('is reversed by its sort', () => {
    const sort = { key: 'started', reversed: true } as const;
    expect(makeOrder(rows, query({ sort })).ids).toEqual(['3', '1', '2']);
  });

  it('puts new rows where they belong, and leaves what ended where it was, counted', () => {
    const before = makeOrder(rows, query());
    const later = new Map(rows);
    later.set('8', row('8', { startedAt: NOW - 2 * MINUTE }));
    later.set('9', row('9', { startedAt: NOW }));
    later.set('2', row('2', { status: 'COMPLETED', endedAt: NOW, startedAt: NOW - 1 * MINUTE }));
    const { order, waiting } = syncOrder(before, later, query());
    expect(order.ids).toEqual(['9', '2', '8', '1', '3']);
    expect(waiting).toEqual({ left: 1, moved: 0 });
    expect(makeOrder(later, query()).ids).toEqual(['9', '8', '1', '3']);
  });

  it('knows how many a filter hides, those that came later too', () => {
    const filter = parseFilter('path:crm/*');
    if (!filter.ok) throw new Error(filter.problem.message);
    const before = makeOrder(rows, query({ filter: filter.filter }));
    expect([before.ids.length, before.inView]).toEqual([0, 3]);
    const later = new Map(rows).set('9', row('9'));
    expect(syncOrder(before, later, query({ filter: filter.filter })).order.inView).toBe(4);
  });

  it('by run time does not move a row only because time passes', () => {
    const sort = { key: 'run', reversed: false } as const;
    const before = makeOrder(rows, query({ sort, view: 'all' }));
    expect(before.ids[0]).toBe('3');
    const later = { ...clock, now: NOW + 5 * MINUTE };
    expect(syncOrder(before, rows, query({ sort, view: 'all', clock: later })).waiting.moved).toBe(0);
  });

  it('counts rows that would move', () => {
    const sort = { key: 'silent', reversed: false } as const;
    const before = makeOrder(rows, query({ sort }));
    const later = new Map(rows).set('3', row('3', { silentMs: 0 }));
    expect(syncOrder(before, later, query({ sort })).waiting.moved).toBe(1);
  });

  it('is the same object when nothing changed, so that nothing is drawn', () => {
    const before = makeOrder(rows, query());
    expect(syncOrder(before, rows, query()).order).toBe(before);
  });

  it('keeps every row in its place relative to the others, whatever happens', () => {
    const change = fc.record({ id: fc.integer({ min: 1, max: 12 }), silent: fc.nat({ max: 100 }), gone: fc.boolean() });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
        const all = mapOf([1, 2, 3, 4, 5].map((id) => row(`${id}`, { startedAt: NOW - id * MINUTE })));
        let order = makeOrder(all, query());
        for (const { id, silent, gone } of changes) {
          if (gone) all.delete(`${id}`);
          else all.set(`${id}`, row(`${id}`, { silentMs: silent * MINUTE }));
          const next = syncOrder(order, all, query()).order;
          const known = new Set(order.ids);
          expect(next.ids.filter((one) => known.has(one))).toEqual(order.ids.filter((one) => all.has(one)));
          const values = next.ids.map((one) => Number(next.members.get(one)));
          expect(values).toEqual([...values].sort((a, b) => a - b));
          expect(new Set(next.ids).size).toBe(next.ids.length);
          expect([...next.members.keys()].sort()).toEqual([...next.ids].sort());
          order = next;
        }
      }),
    );
  });

  it('by the changed rows alone comes to what a look at every row comes to', () => {
    const filter = parseFilter('path:*/a*');
    if (!filter.ok) throw new Error(filter.problem.message);
    const change = fc.record({
      ids: fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 4 }),
      silent: fc.nat({ max: 30 }),
      path: fc.constantFrom('etl/a', 'etl/b', 'ops/all'),
      what: fc.constantFrom('gone', 'ended', 'there'),
    });
    const wanted = fc.record({
      sort: fc.record({ key: fc.constantFrom('started', 'silent', 'path', 'status'), reversed: fc.boolean() }),
      isFiltered: fc.boolean(),
    });
    fc.assert(
      fc.property(wanted, fc.array(change, { maxLength: 30 }), ({ sort, isFiltered }, changes) => {
        const asked = query({ sort, filter: isFiltered ? filter.filter : [] });
        const all = mapOf([1, 2, 3, 4, 5].map((id) => row(`${id}`, { startedAt: NOW - id * MINUTE })));
        let last = syncOrder(makeOrder(all, asked), all, asked);
        for (const { ids, silent, path, what } of changes) {
          for (const id of ids) {
            const ended = what === 'ended' ? ({ status: 'COMPLETED', endedAt: NOW } as const) : {};
            if (what === 'gone') all.delete(`${id}`);
            else all.set(`${id}`, row(`${id}`, { silentMs: silent * MINUTE, path, ...ended }));
          }
          const before = { ...last.order, members: new Map(last.order.members) };
          const whole = syncOrder(before, all, asked);
          last = syncChanges(last.order, all, asked, last.drift, new Set(ids.map(String)));
          expect(last).toEqual(whole);
        }
      }),
    );
  });
});
