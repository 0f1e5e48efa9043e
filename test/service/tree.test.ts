import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { levelOf } from '../../source/domain/cancellation.js';
import { placesOf } from '../../source/service/cancel/cancel-plan.js';
import { arrange, loadTree } from '../../source/service/tree.js';
import type { EventStore } from '../../source/store/event-store.js';
import { createTestDatabase, type TestDatabase, writeEvents } from '../helpers/database.js';
import { openStore } from '../helpers/store.js';

const link = fc.record({
  parent: fc.integer({ min: 1, max: 12 }).map(String),
  child: fc.integer({ min: 1, max: 12 }).map(String),
});

describe('arranging links', () => {
  it('places everything that is reached exactly once, children below their parents, whatever cycles there are', () => {
    fc.assert(
      fc.property(fc.array(link, { maxLength: 40 }), (links) => {
        const { nodes, cycles } = arrange('1', links, new Map());
        const reached = new Set(['1']);
        for (let size = -1; size !== reached.size; ) {
          size = reached.size;
          for (const { parent, child } of links) if (reached.has(parent)) reached.add(child);
        }
        expect([...nodes.keys()].sort()).toEqual([...reached].sort());
        for (const node of nodes.values()) {
          expect(node.depth).toBe(node.parent === null ? 0 : nodes.get(node.parent)!.depth + 1);
          for (const child of node.children) expect(nodes.get(child)?.parent).toBe(node.executionId);
        }
        const inside = links.filter(({ parent }) => reached.has(parent)).length;
        expect(nodes.size - 1 + cycles.length).toBe(inside);
      }),
    );
  });
});

describe('the places of a cancel', () => {
  it('hold everything reached once, parents before children, and what was asked for as its own root', () => {
    const ids = fc.uniqueArray(fc.integer({ min: 1, max: 12 }).map(String), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(ids, fc.array(link, { maxLength: 40 }), (requested, links) => {
        const places = placesOf(requested, links);
        const order = [...places.keys()];
        for (const id of requested) expect(places.get(id)).toMatchObject({ rootId: id, depth: 0 });
        for (const [id, place] of places) {
          expect(requested).toContain(place.rootId);
          if (levelOf(place) === 0) continue;
          const parents = links.flatMap(({ parent, child }) => (child === id ? (places.get(parent) ?? []) : []));
          expect(parents.map((parent) => levelOf(parent))).toContain(levelOf(place) - 1);
          const before = links.some(
            ({ parent, child }) =>
              child === id && order.indexOf(parent) >= 0 && order.indexOf(parent) < order.indexOf(id),
          );
          expect(before).toBe(true);
        }
      }),
    );
  });
});

describe('a tree in the database', () => {
  let db: TestDatabase;
  let store: EventStore;
  beforeAll(async () => {
    db = await createTestDatabase();
    store = openStore(db.url);
    await writeEvents(db.pool, [
      { execution_id: '1000', event_type: 'playbook.initialized', parent_execution_id: '999' },
      {
        execution_id: '1001',
        event_type: 'playbook.initialized',
        parent_execution_id: '1000',
        created_at: Date.now() - 1000,
      },
      { execution_id: '1001', event_type: 'command.issued', parent_execution_id: '1000' },
      {
        execution_id: '1002',
        event_type: 'playbook_started',
        parent_execution_id: '1000',
        created_at: Date.now() - 5000,
      },
      { execution_id: '1002', event_type: 'playbook.completed' },
      { execution_id: '1003', event_type: 'playbook_started', parent_execution_id: '1002' },
      { execution_id: '777', event_type: 'playbook.initialized', meta: { inlined_in_parent: '1001' } },
      { execution_id: '1004', event_type: 'playbook_started', parent_execution_id: '777' },
    ]);
  });
  afterAll(async () => {
    await store.close();
    await db.close();
  });

  it('holds ended middles, inline children and what hangs below those', async () => {
    const tree = await loadTree(store, '1000');
    const told = [...tree!.nodes.values()].map(({ executionId, parent, depth }) => `${parent}>${executionId}@${depth}`);
    expect(told.sort()).toEqual([
      '1000>1001@1',
      '1000>1002@1',
      '1001>777@2',
      '1002>1003@2',
      '777>1004@3',
      'null>1000@0',
    ]);
    expect(tree?.nodes.get('1000')?.children).toEqual(['1002', '1001']);
    expect(tree?.nodes.get('1002')?.execution?.status).toBe('COMPLETED');
    expect(tree).toMatchObject({ truncated: false, cycles: [] });
  });

  it('can hang below an id that has no rows, and does not exist for one that nothing names', async () => {
    const tree = await loadTree(store, '999');
    expect(tree?.nodes.get('999')?.execution).toBeNull();
    expect(tree?.nodes.size).toBe(7);
    expect(await loadTree(store, '123456')).toBeNull();
  });

  it('says when it was cut', async () => {
    expect((await loadTree(store, '1000', { limit: 2 }))?.truncated).toBe(true);
  });

  it('counts children, live and all', async () => {
    const counts = await store.childCounts(['1000', '1002', '4']);
    expect(counts.get('1000')).toEqual({ all: 2, live: 1 });
    expect(counts.get('1002')).toEqual({ all: 1, live: 1 });
    expect(counts.has('4')).toBe(false);
  });
});
