import { describe, expect, it } from 'vitest';
import { formatHealth } from '../../../source/ui/chrome/format-connection.js';
import { tabLine } from '../../../source/ui/list/format-tabs.js';
import { emptyText } from '../../../source/ui/list/list-empty.js';
import { initialListState } from '../../../source/ui/list/list-state.js';

const LIVE = { kind: 'live' } as const;
const FACTS = { health: LIVE, readAt: 1000, side: undefined, keyOf: (id: string) => id };
const COUNTS = { running: 12, stale: 3, runaway: null };
const HISTORY = { done: 5, of: 18 };

describe('while the history is read', () => {
  it('the header says how much of it is', () => {
    expect(formatHealth(LIVE, 1000, 1000, HISTORY).text).toBe('history 27 % · ● live');
    expect(formatHealth(LIVE, 1000, 1000, { done: 0, of: 0 }).text).toBe('history 0 % · ● live');
    expect(formatHealth(LIVE, 1000, 1000).text).toBe('● live');
  });

  it('counts are counts so far, in words and in glyphs', () => {
    expect(tabLine('active', { ...COUNTS, isSoFar: true }, 120).tally).toBe('12 running, 3 stale so far');
    expect(tabLine('active', { ...COUNTS, isSoFar: true }, 70).tally).toBe('●12 ◌3…');
    expect(tabLine('active', COUNTS, 120).tally).toBe('12 running, 3 stale');
  });

  it('nothing found yet is not called nothing there', () => {
    const state = { ...initialListState, view: 'stale' as const };
    expect(emptyText(state, { ...FACTS, history: HISTORY }).title).toMatch(/so far/);
    expect(emptyText({ ...state, ordering: false }, FACTS).title).toBe('Nothing is stale');
  });
});
