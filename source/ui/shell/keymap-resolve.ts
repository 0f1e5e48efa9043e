import { displayWidth } from '../../text/width.js';
import { nearWord } from '../../text/words.js';
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

/** Keys as the keymap writes them; people write them as the footer shows them (`Ctrl-T`, `PgDn`, `Esc`). */
function keyFrom(written: string): string {
  const parts = written === '-' ? ['-'] : written.split(/-(?=.)/);
  const named = (part: string) => NAMED_KEYS.get(part.toLowerCase()) ?? part.toLowerCase();
  // A single character keeps its case: G is not g. Behind Ctrl the terminal knows no case.
  return parts
    .map((part, at) => (part.length === 1 && (at === 0 || parts[0]?.toLowerCase() !== 'ctrl') ? part : named(part)))
    .join('-');
}

/**
 * Applies a config file's keys, all at once, so that two actions can swap theirs. Problems name the entry and what is
 * wrong; such an entry is ignored.
 */
export function overrideKeys(overrides: KeyOverrides): { bindings: readonly KeyBinding[]; problems: string[] } {
  const problems: string[] = [];
  const wanted = new Map<string, readonly string[]>();
  for (const [id, given] of Object.entries(overrides)) {
    const written = given === undefined ? [] : typeof given === 'string' ? [given] : given;
    const keys = written.map(keyFrom);
    const bad = written.find((_, at) => !KEY.test(keys[at] ?? ''));
    if (!KEYMAP.some((binding) => binding.id === id)) {
      const near = nearWord(
        id,
        KEYMAP.map((binding) => binding.id),
      );
      problems.push(`keys.${id}: no such action${near ? `; did you mean ${near}?` : '; docs/keys.md lists them'}`);
    } else if (keys.length === 0 || bad !== undefined) {
      problems.push(`keys.${id}: ${bad === undefined ? 'no key given' : `"${bad}" is not a key`}`);
    } else wanted.set(id, keys);
  }
  // An entry that is dropped gives its action the old keys back, which may take them from another entry.
  for (let changed = true; changed; ) {
    changed = false;
    for (const [id, keys] of wanted) {
      const target = KEYMAP.find((binding) => binding.id === id);
      const taken = KEYMAP.filter(
        (other) =>
          target !== undefined &&
          other !== target &&
          overlap(other, target) &&
          keys.some((key) => (wanted.get(other.id) ?? other.keys).includes(key)),
      );
      if (taken.length === 0) continue;
      problems.push(`keys.${id}: ${keys.join(', ')} already used by ${taken.map((other) => other.id).join(', ')}`);
      wanted.delete(id);
      changed = true;
    }
  }
  const bindings = KEYMAP.map((binding) => ({ ...binding, keys: wanted.get(binding.id) ?? binding.keys }));
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
export const whyDisabled = (binding: KeyBinding): string => `${binding.words} is off: this console is read-only`;

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
};
const NAMED_KEYS = new Map(Object.entries(NAMES).map(([key, name]) => [name.toLowerCase(), key]));

/** A key as people write it: `Ctrl-T`, `PgDn`, `G`. */
export function keyName(key: string): string {
  const parts = key === '-' ? ['-'] : key.split(/-(?=.)/);
  return parts
    .map(
      (part) =>
        NAMES[part] ?? (parts.length > 1 || /^f\d+$/.test(part) ? part.charAt(0).toUpperCase() + part.slice(1) : part),
    )
    .join('-');
}

/** The key to name for an action; in a dialog with text fields not one that is a letter there. */
const firstKey = ({ keys }: KeyBinding, scope?: KeyScope): string =>
  (scope === 'cancel' ? keys.find((key) => key.length > 1) : undefined) ?? keys[0] ?? '';

/** What to press for an action, as people write it. */
export function keyOf(keymap: Keymap, id: ActionId, scope?: KeyScope): string {
  const binding = [...keymap.bindings, ...keymap.absent].find((each) => each.id === id);
  return binding ? keyName(firstKey(binding, scope)) : '';
}

/** One key of the footer. */
export interface FooterEntry {
  readonly id: ActionId;
  readonly key: string;
  readonly words: string;
}

interface RankedEntry extends FooterEntry {
  readonly at: number;
  readonly isKept: boolean;
}

/** The footer's entries of a scope, in the order of their worth; where two keys do the same there, the first. */
export function footerOf(keymap: Keymap, scope: KeyScope): RankedEntry[] {
  const entries = keymap.bindings
    .filter((binding) => binding.where.includes(scope))
    .flatMap((binding) => {
      const at = binding.footerIn?.[scope] ?? binding.footer;
      const words = binding.wordsIn?.[scope] ?? binding.words;
      const isKept = binding.footerKept?.includes(scope) === true;
      return at === undefined ? [] : [{ id: binding.id, key: keyName(firstKey(binding, scope)), words, at, isKept }];
    })
    .sort((a, b) => a.at - b.at);
  return entries.filter((entry, at) => entries.findIndex((other) => other.words === entry.words) === at);
}

/** Columns between two entries of the footer. */
export const FOOTER_GAP = 2;

/** What a width has room for, in order: first those that are kept, then the others by their worth. */
export function fitFooter(entries: readonly RankedEntry[], width: number): FooterEntry[] {
  const taken = new Set<RankedEntry>();
  let room = width + FOOTER_GAP;
  for (const entry of [...entries.filter(({ isKept }) => isKept), ...entries.filter(({ isKept }) => !isKept)]) {
    const needed = displayWidth(entry.key) + 1 + displayWidth(entry.words) + FOOTER_GAP;
    if (needed > room) continue;
    room -= needed;
    taken.add(entry);
  }
  return entries.filter((entry) => taken.has(entry));
}
