import { FILTER_FIELDS } from '../../domain/filter/filter.js';
import { KEY_SCOPE_TITLES, KEYMAP } from './keymap.js';
import { keyName } from './keymap-resolve.js';
import type { KeyBinding, KeyScope } from './keymap-types.js';

const code = (text: string): string => (text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``);
const cell = (text: string): string => text.replaceAll('|', '\\|');

function row(binding: KeyBinding): string {
  const keys = binding.keys.map((key) => code(keyName(key))).join(' ');
  const places = binding.where.map((scope) => KEY_SCOPE_TITLES[scope].toLowerCase()).join(', ');
  return `| ${cell(keys)} | ${cell(binding.help)}${binding.dangerous ? ' †' : ''} | ${places} | ${code(binding.id)} |`;
}

/** The key table of one scope, or of all, for README and docs. */
export function keyTable(scope?: KeyScope): string {
  const bindings = KEYMAP.filter((binding) => scope === undefined || binding.where.includes(scope));
  return ['| keys | does | where | id in the config file |', '|---|---|---|---|', ...bindings.map(row)].join('\n');
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

A config file changes keys by id: \`keys: {refresh: [R, f5], mark: space}\`. Modifiers are written \`ctrl-\`, \`alt-\`, \`shift-\`.

## Filter

All terms must match.

| term | matches |
|---|---|
${FILTER_FIELDS.map((field) => `| ${cell(code(field.example))} | ${cell(field.words)} |`).join('\n')}
`;
}
