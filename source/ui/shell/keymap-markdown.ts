import { FILTER_FIELDS } from '../../domain/filter.js';
import { KEYMAP } from './keymap.js';
import { keyName } from './keymap-resolve.js';
import { KEY_SCOPE_TITLES, KEY_SCOPES, type KeyBinding, type KeyScope } from './keymap-types.js';

const code = (text: string): string => (text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``);
const cell = (text: string): string => text.replaceAll('|', '\\|');

const TYPED: readonly KeyScope[] = ['cancel', 'filter'];
const SCREENS = KEY_SCOPES.filter((scope) => !TYPED.includes(scope));

/** Where a key works; that of the way to a screen need not work on that screen. */
function placesOf({ id, where }: KeyBinding): string {
  const named = (scopes: readonly KeyScope[]) => scopes.map((scope) => KEY_SCOPE_TITLES[scope].toLowerCase());
  const isEverywhere = SCREENS.every((scope) => scope === id || where.includes(scope));
  const places = isEverywhere
    ? ['all screens', ...named(where.filter((scope) => TYPED.includes(scope)))]
    : named(where);
  return places.join(', ');
}

function row(binding: KeyBinding): string {
  const keys = binding.keys.map((key) => code(keyName(key))).join(' ');
  const names = [binding.id, ...(binding.names ?? [])].map(code).join(' ');
  return `| ${cell(keys)} | ${cell(binding.help)}${binding.dangerous ? ' †' : ''} | ${placesOf(binding)} | ${names} |`;
}

/** The key table of one scope, or of all, for README and docs. */
export function keyTable(scope?: KeyScope): string {
  const bindings = KEYMAP.filter((binding) => scope === undefined || binding.where.includes(scope));
  return [
    '| keys | does | where | id, and further names for the command line |',
    '|---|---|---|---|',
    ...bindings.map(row),
  ].join('\n');
}

/** docs/keys.md, whole. Regenerate it with `npx tsx scripts/write-keys.ts`; a test fails when it is stale. */
export function keysDocument(): string {
  return `# Keys of the console

Made from source/ui/shell/keymap.ts by scripts/write-keys.ts; do not edit.

† not available in a read-only console (\`--read-only\`): it can lead to a write.

${keyTable()}

In the cancel dialog's list, Space leaves the execution under the cursor out or takes it in, and \`a\` takes all in, or
leaves out all that are not known to be safe; PgUp and PgDn scroll it from every field.

In the cancel dialog and in the filter, letters are text. There, only the dialog's own keys work, plus the usual keys of
a line editor: arrows, Home, End, Backspace, Ctrl-A, Ctrl-E, Ctrl-K, Ctrl-U and Ctrl-W. Ctrl-C quits, Ctrl-Z suspends.

A config file changes keys by id: \`keys: {refresh: [X, f5], mark: space}\`. Keys are written as above, or as \`ctrl-t\`, \`alt-x\`, \`shift-tab\`,
\`pagedown\`, \`escape\`. All entries are applied together, so that two actions can swap their keys. An entry that takes another action's key, or
names an action that does not exist, is ignored, and the console says so.

## Command line

\`:\` opens it on every screen; Tab completes, ↑ and ↓ go through the history of the session, Enter runs, Esc closes.

| command | does |
|---|---|
| \`ID\` | opens the execution: from the database where it is not loaded, however old it is |
| \`describe ID\`, \`tree ID\`, \`timeline ID\` | opens that screen of it |
| \`cancel ID…\` † | opens the cancel dialog on these executions |
| \`filter TERMS\` | filters the list |
| an id or a name from the table above | does what the key does, where that key works; else says why not |

## Filter

All terms must match.

| term | matches |
|---|---|
${FILTER_FIELDS.map((field) => `| ${cell(code(field.example))} | ${cell(field.words)} |`).join('\n')}
`;
}
