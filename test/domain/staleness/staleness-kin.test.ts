import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchUnkeyedCompletions, type UnkeyedCompletion } from '../../../source/domain/staleness/facts-from-events.js';
import { ancestorsOf, markAncestors } from '../../../source/domain/staleness/staleness.js';

const ID: fc.Arbitrary<string> = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
const anyParents = fc.array(fc.tuple(ID, ID)).map((links) => new Map(links));

describe('ancestors', () => {
  it('end, each once, and never hold the execution itself, whatever the links are', () => {
    fc.assert(
      fc.property(anyParents, ID, (parents, id) => {
        const found = [...ancestorsOf(id, (one) => parents.get(one))];
        expect(new Set(found).size).toBe(found.length);
        expect(found).not.toContain(id);
      }),
    );
  });

  it('are marked with the first source below them', () => {
    fc.assert(
      fc.property(anyParents, fc.shuffledSubarray(['a', 'b', 'c', 'd', 'e', 'f']), (parents, order) => {
        const parentOf = (id: string) => parents.get(id);
        const marks = markAncestors(
          order.map((executionId) => ({ executionId })),
          parentOf,
        );
        const sources = new Set(order);
        for (const id of ['a', 'b', 'c', 'd', 'e', 'f']) {
          const below = order.filter((source) => [...ancestorsOf(source, parentOf)].includes(id));
          if (below.length === 0) expect(marks.has(id)).toBe(false);
          // In a cycle a source may leave another source unmarked: that one speaks for itself.
          else if (!sources.has(id)) expect(marks.get(id)?.executionId).toBe(below[0]);
        }
      }),
    );
  });
});

describe('ends that name no command', () => {
  const open = (eventId: string, workerId: string | null = null, node = 'loop') => ({ eventId, workerId, node });
  const end = (eventId: string, count = 1, workerId: string | null = null, node = 'loop'): UnkeyedCompletion => ({
    eventId,
    count,
    workerId,
    node,
  });

  it('end as many as there are of them, the oldest first, at their node, and only what came before', () => {
    const all = [open('10'), open('9'), open('100')];
    expect(matchUnkeyedCompletions(all, [end('50')])).toEqual([open('10'), open('100')]);
    expect(matchUnkeyedCompletions(all, [end('50', 5)])).toEqual([open('100')]);
    expect(matchUnkeyedCompletions(all, [end('500', 1, null, 'other')])).toEqual(all);
    expect(matchUnkeyedCompletions(all, [])).toEqual(all);
  });

  it('never end what another worker holds', () => {
    const all = [open('1', 'w1'), open('2', 'w2')];
    expect(matchUnkeyedCompletions(all, [end('9', 2, 'w2')])).toEqual([open('1', 'w1')]);
    expect(matchUnkeyedCompletions(all, [end('9', 2, 'w3')])).toEqual(all);
  });
});
