import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { KEYMAP } from '../../../source/ui/shell/keymap.js';
import { keysDocument } from '../../../source/ui/shell/keymap-markdown.js';
import {
  actionOf,
  fitFooter,
  footerOf,
  keyName,
  overrideKeys,
  resolveKeymap,
} from '../../../source/ui/shell/keymap-resolve.js';
import { KEY_SCOPES, type KeyScope } from '../../../source/ui/shell/keymap-types.js';

const keymap = resolveKeymap(KEYMAP, { readOnly: false });

describe('the keymap', () => {
  it('has one action for a key in a scope, and one entry for an action', () => {
    for (const scope of KEY_SCOPES) {
      const keys = KEYMAP.filter((binding) => binding.where.includes(scope)).flatMap((binding) => binding.keys);
      expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
    }
    expect(new Set(KEYMAP.map((binding) => binding.id)).size).toBe(KEYMAP.length);
  });

  it('has the keys that were promised', () => {
    const promised = {
      list: [
        'up',
        'down',
        'left',
        'right',
        'h',
        'j',
        'k',
        'l',
        'pageup',
        'pagedown',
        'g',
        'G',
        '1',
        '2',
        '3',
        '4',
        '5',
        'enter',
        'e',
      ],
      tree: ['space', 'c', 'escape', 'q', '?', 'y', 'h', 'l'],
      timeline: ['escape', 'q', 'g', 'G'],
    } as const;
    for (const key of [
      ...promised.list,
      'space',
      'v',
      'a',
      '*',
      'u',
      'c',
      '/',
      's',
      '+',
      '-',
      'y',
      'p',
      'r',
      '?',
      'escape',
      'q',
    ]) {
      expect(actionOf(keymap, 'list', key)).toMatchObject({ kind: 'action' });
    }
    for (const key of promised.tree) expect(actionOf(keymap, 'tree', key)).toMatchObject({ kind: 'action' });
    for (const key of promised.timeline) expect(actionOf(keymap, 'timeline', key)).toMatchObject({ kind: 'action' });
    expect(actionOf(keymap, 'list', 'f12')).toBeNull();
  });

  it('leads back, to every view, to the command line, to help and out on every screen, and shows the way back', () => {
    const letters = ['1', '2', '3', '4', '5', 'tab', ':', 'q'];
    for (const scope of KEY_SCOPES.filter((each) => each !== 'filter')) {
      const keys = ['escape', ...(scope === 'help' ? [] : ['f1']), ...(scope === 'cancel' ? [] : letters)];
      expect(
        keys.filter((key) => actionOf(keymap, scope, key)?.kind !== 'action').map((key) => `${scope} ${key}`),
      ).toEqual([]);
      expect(footerOf(keymap, scope).map((entry) => entry.key)).toContain('Esc');
    }
  });

  it('leaves out what leads to a write when read-only, everywhere', () => {
    const readOnly = resolveKeymap(KEYMAP, { readOnly: true });
    expect(readOnly.bindings.some((binding) => binding.dangerous)).toBe(false);
    expect(actionOf(readOnly, 'list', 'c')).toMatchObject({ kind: 'absent', binding: { id: 'cancel' } });
    expect(actionOf(readOnly, 'tree', 'c')).toMatchObject({ kind: 'absent' });
    expect(footerOf(readOnly, 'list').map((entry) => entry.words)).not.toContain('cancel');
  });

  it('keeps marking and unmarking when read-only: marks write nothing, and can be copied', () => {
    const readOnly = resolveKeymap(KEYMAP, { readOnly: true });
    for (const [key, id] of [
      ['space', 'mark'],
      ['u', 'unmark'],
    ] as const) {
      for (const scope of ['list', 'tree'] as const) {
        expect(actionOf(readOnly, scope, key)).toMatchObject({ kind: 'action', id });
      }
    }
  });

  it('takes keys from a config file, and says which entries it cannot take', () => {
    const { bindings, problems } = overrideKeys({
      refresh: ['X', 'f5'],
      nonsense: 'x',
      sort: 'c',
      help: [],
      back: 'two keys',
    });
    const changed = resolveKeymap(bindings, { readOnly: false });
    expect(actionOf(changed, 'list', 'f5')).toEqual({ kind: 'action', id: 'refresh' });
    expect(actionOf(changed, 'list', 'r')).toBeNull();
    expect(actionOf(changed, 'list', 'c')).toEqual({ kind: 'action', id: 'cancel' });
    expect(problems).toEqual([
      expect.stringContaining('keys.nonsense'),
      expect.stringContaining('no key given'),
      expect.stringContaining('"two keys" is not a key'),
      expect.stringContaining('already used by cancel'),
    ]);
  });

  it('takes keys as the footer writes them, and lets two actions swap theirs', () => {
    const { bindings, problems } = overrideKeys({ sort: 'y', copy: 's', follow: 'Ctrl-T', help: ['F1', 'PgUp'] });
    const changed = resolveKeymap(bindings, { readOnly: false });
    expect(actionOf(changed, 'list', 'y')).toEqual({ kind: 'action', id: 'sort' });
    expect(actionOf(changed, 'list', 's')).toEqual({ kind: 'action', id: 'copy' });
    expect(actionOf(changed, 'timeline', 'ctrl-t')).toEqual({ kind: 'action', id: 'follow' });
    expect(problems).toEqual(['keys.help: f1, pageup already used by page-up']);
    // An entry that is dropped takes its old key back, also from an entry that was right until then.
    const chained = overrideKeys({ sort: 'c', copy: 's' });
    expect(chained.problems.map((problem) => problem.split(':')[0])).toEqual(['keys.sort', 'keys.copy']);
    expect(overrideKeys({ srot: 'x' }).problems).toEqual(['keys.srot: no such action; did you mean sort?']);
  });

  it('names keys as people do', () => {
    expect(['ctrl-t', 'shift-tab', 'pagedown', 'G', '-', '*', 'space'].map(keyName)).toEqual([
      'Ctrl-T',
      'Shift-Tab',
      'PgDn',
      'G',
      '-',
      '*',
      'Space',
    ]);
  });

  it('is what docs/keys.md says; else run: npx tsx scripts/write-keys.ts', () => {
    expect(readFileSync(join(import.meta.dirname, '../../../docs/keys.md'), 'utf8')).toBe(keysDocument());
  });
});

describe('the footer', () => {
  const words = (scope: KeyScope) => footerOf(resolveKeymap(KEYMAP, { readOnly: false }), scope);
  it('says what a key does on this screen, and nothing twice', () => {
    const enter = (scope: KeyScope) => words(scope).find(({ key }) => key === 'Enter')?.words;
    expect([enter('list'), enter('tree'), enter('batches')]).toEqual(['tree', 'events', 'open']);
    for (const scope of KEY_SCOPES) {
      const all = words(scope).map((entry) => entry.words);
      expect(new Set(all).size).toBe(all.length);
    }
  });

  const shown = (scope: KeyScope, width: number) => fitFooter(words(scope), width).map(({ key }) => key);

  it('shows the way back and the way out at 60 columns on every screen above the list', () => {
    for (const scope of KEY_SCOPES.filter((each) => each !== 'list' && each !== 'filter')) {
      const keys = shown(scope, 60);
      expect([scope, keys]).toEqual([scope, expect.arrayContaining(scope === 'cancel' ? ['Esc'] : ['Esc', 'q'])]);
    }
  });

  it('of the list shows filter, command line and quit from 60 columns on, and more where there is room', () => {
    expect(shown('list', 60)).toEqual(['?', 'c', 'Enter', '/', ':', 'q']);
    expect(shown('list', 80)).toEqual(['?', 'c', 'Enter', 'd', 'Space', '/', ':', 'q']);
    expect(shown('list', 120)).toEqual(expect.arrayContaining([...shown('list', 80), 'a', 'e', 's']));
    expect(shown('list', 300)).toEqual(words('list').map(({ key }) => key));
  });

  it('never is wider than the screen', () => {
    for (const scope of KEY_SCOPES) {
      for (let width = 1; width <= 200; width += 1) {
        const text = fitFooter(words(scope), width)
          .map(({ key, words: what }) => `${key} ${what}`)
          .join('  ');
        expect(text.length).toBeLessThanOrEqual(width);
      }
    }
  });
});
