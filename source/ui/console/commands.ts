import { type ExecutionId, parseExecutionId } from '../../domain/execution-id.js';
import { parseFilter } from '../../domain/filter.js';
import { visibleText } from '../../text/visible-text.js';
import { nearWord } from '../../text/words.js';
import { type Keymap, whyDisabled } from '../shell/keymap-resolve.js';
import type { ActionId, KeyBinding, KeyScope } from '../shell/keymap-types.js';
import { KEY_SCOPE_TITLES } from '../shell/keymap-types.js';

/** Actions that the command line also takes with execution ids, whatever screen is shown. */
const WITH_ID = ['describe', 'tree', 'timeline', 'cancel'] as const;
export type IdAction = (typeof WITH_ID)[number];
/** Ids that a cancel takes in one line; more are marked in the list. */
const MOST_IDS = 20;

/** What a line of the command line asks for. */
export type Command =
  | { readonly kind: 'action'; readonly id: ActionId }
  | { readonly kind: 'ids'; readonly id: IdAction; readonly ids: readonly ExecutionId[] }
  | { readonly kind: 'filter'; readonly text: string };

export type CommandResult =
  | { readonly ok: true; readonly command: Command }
  | { readonly ok: false; readonly problem: string };

const wrong = (problem: string): CommandResult => ({ ok: false, problem });
const isIdAction = (id: ActionId): id is IdAction => (WITH_ID as readonly ActionId[]).includes(id);
const namesOf = ({ id, names = [] }: KeyBinding): readonly string[] => [...names, id];

/**
 * Reads a line: an id, or the name of an action of the keymap with what it takes.
 *
 * @returns what to do, or one line that says why not: unknown, not on this screen, read-only, a wrong argument.
 */
export function parseCommand(line: string, keymap: Keymap, scope: KeyScope): CommandResult {
  const [name = '', ...rest] = line.trim().split(/\s+/);
  if (/^[-+]?\d/.test(name)) {
    return rest.length > 0 ? wrong('one id at a time; `cancel ID ID` takes several') : withIds('describe', [name]);
  }
  const isCalled = (binding: KeyBinding) => namesOf(binding).includes(name);
  const absent = keymap.absent.find(isCalled);
  if (absent) return wrong(whyDisabled(absent));
  const binding = keymap.bindings.find(isCalled);
  if (!binding) return wrong(unknownCommand(name, keymap));
  if (rest.length > 0) return withArgument(binding, line.trim().slice(name.length).trim(), rest);
  if (!binding.where.includes(scope)) return wrong(whyNotHere(binding, scope));
  return { ok: true, command: { kind: 'action', id: binding.id } };
}

function withArgument(binding: KeyBinding, text: string, words: readonly string[]): CommandResult {
  if (isIdAction(binding.id)) return withIds(binding.id, words);
  if (binding.id !== 'filter') return wrong(`${namesOf(binding)[0]} takes no argument`);
  const parsed = parseFilter(text);
  return parsed.ok ? { ok: true, command: { kind: 'filter', text } } : wrong(visibleText(parsed.problem.message));
}

function withIds(id: IdAction, words: readonly string[]): CommandResult {
  const most = id === 'cancel' ? MOST_IDS : 1;
  if (words.length > most) return wrong(`${id} takes ${most === 1 ? 'one id' : `at most ${most} ids`}`);
  const ids: ExecutionId[] = [];
  for (const word of words) {
    const parsed = parseExecutionId(word);
    if (!parsed.ok) return wrong(`not a valid execution id: ${shortened(word)} ${parsed.problem}`);
    if (!ids.includes(parsed.id)) ids.push(parsed.id);
  }
  return { ok: true, command: { kind: 'ids', id, ids } };
}

function unknownCommand(name: string, keymap: Keymap): string {
  const near = nearWord(name, keymap.bindings.flatMap(namesOf));
  return `unknown command ${shortened(name)}${near ? `; did you mean ${near}?` : '; Tab lists them'}`;
}

const whyNotHere = ({ id, names, where }: KeyBinding, scope: KeyScope): string => {
  const places = where.map((each) => KEY_SCOPE_TITLES[each]).join(', ');
  const takesId = isIdAction(id) ? `, or with an id: ${names?.[0] ?? id} ID` : '';
  return `${names?.[0] ?? id} does not apply on this screen (${KEY_SCOPE_TITLES[scope]}); it belongs to: ${places}${takesId}`;
};

function shortened(word: string): string {
  const seen = visibleText(word);
  return seen.length > 40 ? `${seen.slice(0, 40)}…` : seen;
}

/**
 * The words that the last word of a line may become: command names that work on this screen, or, where an id stands,
 * known ids that begin with it. In the order in which they are offered.
 */
export function candidatesFor(
  line: string,
  keymap: Keymap,
  scope: KeyScope,
  knownIds: () => Iterable<ExecutionId>,
): readonly string[] {
  const words = line.trimStart().split(/\s+/);
  const last = words.at(-1) ?? '';
  if (words.length > 1 || /^\d/.test(last)) {
    const takesId = words.length === 1 || WITH_ID.some((id) => keymapName(keymap, id).includes(words[0] ?? ''));
    return takesId && last !== '' ? firstIds(knownIds(), last) : [];
  }
  // Moving is what keys are for: such commands run, and are not offered.
  const here = keymap.bindings.filter(({ id, where }) => !MOVING.has(id) && (where.includes(scope) || isIdAction(id)));
  const names = here.map((binding) => namesOf(binding).find((name) => name.startsWith(last)));
  return names.filter((name) => name !== undefined).sort();
}

const MOVING: ReadonlySet<ActionId> = new Set([
  ...(['up', 'down', 'left', 'right', 'page-up', 'page-down', 'first', 'last', 'back', 'command'] as const),
]);
/** More would not fit the line. */
const OFFERED_IDS = 20;

function firstIds(ids: Iterable<ExecutionId>, prefix: string): string[] {
  const found: string[] = [];
  for (const id of ids) {
    if (!id.startsWith(prefix)) continue;
    found.push(id);
    if (found.length === OFFERED_IDS) break;
  }
  return found;
}

const keymapName = ({ bindings }: Keymap, id: ActionId): readonly string[] =>
  bindings.filter((binding) => binding.id === id).flatMap(namesOf);

/** The longest text that all candidates begin with. */
export function commonStart(candidates: readonly string[]): string {
  const [first = '', ...others] = candidates;
  let length = first.length;
  for (const other of others) while (!other.startsWith(first.slice(0, length))) length -= 1;
  return first.slice(0, length);
}
