import { KEYMAP } from './keymap.js';
import type { ActionId, KeyBinding, KeyScope } from './keymap-types.js';

/** Bindings in force, and the way from a key to one of them. */
export interface Keymap {
  readonly bindings: readonly KeyBinding[];
  /** Left out because the console is read-only. */
  readonly absent: readonly KeyBinding[];
}

/** Keys by action, from a config file. */
export type KeyOverrides = Readonly<Partial<Record<string, string | readonly string[]>>>;

const KEY = /^(?:(?:ctrl|alt|shift)-)*(?:.|[a-z][a-z0-9]+)$/u;

const overlap = (a: KeyBinding, b: KeyBinding): boolean => a.where.some((scope) => b.where.includes(scope));

/** Applies a config file's keys. Problems name the entry and what is wrong; such an entry is ignored. */
export function overrideKeys(overrides: KeyOverrides): { bindings: readonly KeyBinding[]; problems: string[] } {
  const problems: string[] = [];
  let bindings = KEYMAP;
  for (const [id, given] of Object.entries(overrides)) {
    const keys = given === undefined ? [] : typeof given === 'string' ? [given] : [...given];
    const target = bindings.find((binding) => binding.id === id);
    if (!target) {
      problems.push(`keys.${id}: no such action; docs/keys.md lists them`);
      continue;
    }
    const bad = keys.find((key) => !KEY.test(key));
    if (keys.length === 0 || bad !== undefined) {
      problems.push(`keys.${id}: ${bad === undefined ? 'no key given' : `"${bad}" is not a key`}`);
      continue;
    }
    const taken = keys.flatMap((key) =>
      bindings.filter((other) => other !== target && other.keys.includes(key) && overlap(other, target)),
    );
    if (taken.length > 0) {
      problems.push(`keys.${id}: ${keys.join(', ')} already used by ${taken.map((other) => other.id).join(', ')}`);
      continue;
    }
    bindings = bindings.map((binding) => (binding === target ? { ...binding, keys } : binding));
  }
  return { bindings, problems };
}

/** The keymap of a session. Read-only is this one filter: whatever leads to a write is not there. */
export function resolveKeymap(bindings: readonly KeyBinding[], mode: { readOnly: boolean }): Keymap {
  const isAbsent = (binding: KeyBinding) => mode.readOnly && binding.dangerous === true;
  return { bindings: bindings.filter((binding) => !isAbsent(binding)), absent: bindings.filter(isAbsent) };
}

/** What a key does in a place; `absent` when it would do something in a console that may write. */
export function actionOf(
  keymap: Keymap,
  scope: KeyScope,
  key: string,
): { kind: 'action'; id: ActionId } | { kind: 'absent'; binding: KeyBinding } | null {
  const matches = (binding: KeyBinding) => binding.where.includes(scope) && binding.keys.includes(key);
  const found = keymap.bindings.find(matches);
  if (found) return { kind: 'action', id: found.id };
  const binding = keymap.absent.find(matches);
  return binding ? { kind: 'absent', binding } : null;
}

/** Why an action is not there, for the line under the list. */
export const whyDisabled = (binding: KeyBinding): string =>
  `${binding.words} is off: this console is read-only (started with --read-only)`;

const NAMES: Readonly<Record<string, string>> = {
  up: '↑',
  down: '↓',
  left: '←',
  right: '→',
  pageup: 'PgUp',
  pagedown: 'PgDn',
  enter: 'Enter',
  escape: 'Esc',
  space: 'Space',
  tab: 'Tab',
  home: 'Home',
  end: 'End',
  f1: 'F1',
};

/** A key as people write it: `Ctrl-T`, `PgDn`, `G`. */
export function keyName(key: string): string {
  const parts = key === '-' ? ['-'] : key.split(/-(?=.)/);
  return parts
    .map((part) => NAMES[part] ?? (parts.length > 1 ? part[0]!.toUpperCase() + part.slice(1) : part))
    .join('-');
}

/** The first key of an action as people write it; empty where the action is absent. */
export const keyOf = (keymap: Keymap, id: ActionId): string =>
  keyName(keymap.bindings.find((binding) => binding.id === id)?.keys[0] ?? '');

/** The footer's entries of a scope, in the order of their worth; where two keys do the same there, the first. */
export function footerOf(keymap: Keymap, scope: KeyScope): { id: ActionId; key: string; words: string }[] {
  const entries = keymap.bindings
    .filter((binding) => binding.where.includes(scope) && binding.footer !== undefined)
    .map(({ id, keys, words, wordsIn, footer, footerIn }) => ({
      id,
      key: keyName(keys[0]!),
      words: wordsIn?.[scope] ?? words,
      at: footerIn?.[scope] ?? footer!,
    }))
    .sort((a, b) => a.at - b.at);
  return entries.filter((entry, at) => entries.findIndex((other) => other.words === entry.words) === at);
}
