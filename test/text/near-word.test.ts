import { describe, expect, it } from 'vitest';
import { editDistance, nearWord } from '../../source/text/words.js';

describe('editDistance', () => {
  it.each<[string, string, number]>([
    ['', '', 0],
    ['cancel', 'cancel', 0],
    ['cancle', 'cancel', 1],
    ['cancl', 'cancel', 1],
    ['list', 'lisst', 1],
    ['abc', 'xyz', 3],
    ['', 'abc', 3],
  ])('%s to %s is %d', (from, to, distance) => expect(editDistance(from, to)).toBe(distance));
});

describe('nearWord', () => {
  const commands = ['list', 'stale', 'status', 'cancel', 'cancelled', 'cleanup'];
  it.each<[string, string | null]>([
    ['lst', 'list'],
    ['CANCEL', 'cancel'],
    ['canceled', 'cancelled'],
    ['clean', 'cleanup'],
    ['sta', 'stale'],
    ['xyzzy', null],
    ['', null],
    ['z'.repeat(10_000), null],
  ])('%j means %s', (word, expected) => expect(nearWord(word, commands)).toBe(expected));
});
