import { describe, expect, it } from 'vitest';
import { ChangingMap } from '../../../source/service/live-feed/changing-map.js';

describe('a map that remembers its changes', () => {
  it('names what changed after a position, each key once, what went included', () => {
    const map = new ChangingMap<string, number>();
    map.set('a', 1).set('b', 1);
    const seen = map.position;
    map.set('c', 1).set('c', 2);
    map.delete('a');
    expect([...(map.changedSince(seen) ?? [])]).toEqual(['c', 'a']);
    expect(map.changedSince(map.position)).toEqual(new Set());
    expect([...map]).toEqual([
      ['b', 1],
      ['c', 2],
    ]);
  });

  it('says when it no longer knows, and stays bounded', () => {
    const map = new ChangingMap<number, number>();
    for (let key = 0; key < 100_000; key++) map.set(key % 10, key);
    expect(map.changedSince(0)).toBeNull();
    expect(map.changedSince(map.position - 20_000)).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]));
  });
});
