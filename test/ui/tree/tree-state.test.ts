import { describe, expect, it } from 'vitest';
import { arrange, type ExecutionTree } from '../../../source/service/tree.js';
import {
  initialTreeState,
  subtree,
  type TreeAction,
  type TreeState,
  treeLines,
  treeReducer,
} from '../../../source/ui/tree/tree-state.js';
import { execution } from '../helpers/executions.js';

const treeOf = (links: readonly [string, string][], ended: readonly string[] = []): ExecutionTree => {
  const ids = new Set(links.flat());
  const known = new Map([...ids].map((id) => [id, execution(id, ended.includes(id) ? { status: 'COMPLETED' } : {})]));
  const edges = links.map(([parent, child]) => ({ parent, child }));
  return { root: '1', ...arrange('1', edges, known), truncated: false, asOf: 0 };
};
const applied = (state: TreeState, ...actions: readonly TreeAction[]) => actions.reduce(treeReducer, state);
const shown = (state: TreeState) => state.lines.map((line) => line.executionId);
const family = treeOf([
  ['1', '2'],
  ['2', '3'],
  ['1', '4'],
]);
const loaded = applied(initialTreeState, { type: 'height', rows: 10 }, { type: 'loaded', tree: family });

describe('a tree on the screen', () => {
  it('draws depth first, with rails where siblings follow', () => {
    expect(shown(loaded)).toEqual(['1', '2', '3', '4']);
    expect(loaded.lines[2]).toMatchObject({ depth: 2, rails: [true], last: true });
    expect(loaded.lines[3]).toMatchObject({ depth: 1, rails: [], last: true });
  });

  it('keeps the cursor on its execution when it is folded or read again', () => {
    const at4 = applied(loaded, { type: 'move', move: { to: 'last' } }, { type: 'fold-all' });
    expect(shown(at4)).toEqual(['1', '2', '4']);
    expect(at4.lines[at4.cursor]?.executionId).toBe('4');
    const grown = treeOf([
      ['1', '2'],
      ['2', '3'],
      ['2', '5'],
      ['1', '4'],
    ]);
    const again = applied(at4, { type: 'loaded', tree: grown }, { type: 'unfold-all' });
    expect(again.lines[again.cursor]?.executionId).toBe('4');
    expect(again.lines).toHaveLength(5);
  });

  it('folds a branch, goes to the parent, and into the first child', () => {
    const at2 = applied(loaded, { type: 'move', move: { by: 1 } });
    const folded = applied(at2, { type: 'fold' });
    expect(shown(folded)).toEqual(['1', '2', '4']);
    expect(applied(folded, { type: 'fold' }).cursor).toBe(0);
    expect(shown(applied(folded, { type: 'unfold' }))).toEqual(['1', '2', '3', '4']);
    expect(applied(at2, { type: 'unfold' }).cursor).toBe(2);
  });

  it('marks only what is seen while it shows live branches alone', () => {
    const ended = treeOf(
      [
        ['1', '2'],
        ['1', '3'],
        ['3', '4'],
      ],
      ['2', '3'],
    );
    const live = applied(
      initialTreeState,
      { type: 'height', rows: 10 },
      { type: 'loaded', tree: ended },
      { type: 'live-only' },
    );
    expect([...applied(live, { type: 'mark-subtree' }).marks].toSorted()).toEqual(['1', '3', '4']);
  });

  it('spares what was unmarked while others stay marked, until all marks go', () => {
    const marked = applied(
      loaded,
      { type: 'mark-subtree' },
      { type: 'move', move: { by: 1 } },
      { type: 'mark-subtree' },
    );
    expect([...marked.marks].toSorted()).toEqual(['1', '4']);
    expect([...marked.spared].toSorted()).toEqual(['2', '3']);
    expect(applied(marked, { type: 'mark-subtree' }).spared.size).toBe(0);
    expect(applied(marked, { type: 'marks-used' }).spared.size).toBe(0);
  });

  it('marks one, or everything below', () => {
    expect([...applied(loaded, { type: 'toggle-mark' }).marks]).toEqual(['1']);
    const at2 = applied(loaded, { type: 'point', index: 1 }, { type: 'mark-subtree' });
    expect([...at2.marks].toSorted()).toEqual(['2', '3']);
    expect(applied(at2, { type: 'mark-subtree' }).marks.size).toBe(0);
    expect(applied(at2, { type: 'unmark' }).marks.size).toBe(0);
  });

  it('leaves out ended branches, but not the way to what lives', () => {
    const half = treeOf(
      [
        ['1', '2'],
        ['2', '3'],
        ['1', '4'],
      ],
      ['2', '4'],
    );
    expect(treeLines(half, new Set(), true).map((line) => line.executionId)).toEqual(['1', '2', '3']);
  });

  it('draws a chain that is deeper than any stack', () => {
    const chain = treeOf(Array.from({ length: 20_000 }, (_, index) => [`${index + 1}`, `${index + 2}`]));
    expect(subtree(chain, '1')).toHaveLength(20_001);
  });

  it('shows a cycle as a line that leads nowhere', () => {
    const cyclic = treeOf([
      ['1', '2'],
      ['2', '1'],
    ]);
    const lines = treeLines(cyclic, new Set());
    expect(lines.map((line) => [line.executionId, line.cycle])).toEqual([
      ['1', false],
      ['2', false],
      ['1', true],
    ]);
  });

  it('tells missing rows from a failed read, and keeps what it had', () => {
    expect(applied(initialTreeState, { type: 'loaded', tree: null }).missing).toBe(true);
    const failed = applied(loaded, { type: 'failed', message: 'gone' });
    expect(failed).toMatchObject({ problem: 'gone', missing: false });
    expect(shown(failed)).toHaveLength(4);
  });
});
