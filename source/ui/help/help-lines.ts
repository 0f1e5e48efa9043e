import { FILTER_FIELDS } from '../../domain/filter/filter.js';
import { SAFE_CODES, STALE_CODES } from '../../domain/staleness/staleness-types.js';
import { CODE_WORDS } from '../rows/format-stale.js';
import type { Keymap } from '../shell/keymap-resolve.js';
import { keyName } from '../shell/keymap-resolve.js';
import { KEY_SCOPE_TITLES, KEY_SCOPES, type KeyScope } from '../shell/keymap-types.js';

export interface HelpLine {
  readonly kind: 'title' | 'entry' | 'text';
  readonly key: string;
  readonly words: string;
}

const title = (words: string): HelpLine => ({ kind: 'title', key: '', words });
const entry = (key: string, words: string): HelpLine => ({ kind: 'entry', key, words });
const text = (words: string): HelpLine => ({ kind: 'text', key: '', words });

function keysOf(keymap: Keymap, scope: KeyScope): HelpLine[] {
  const own = keymap.bindings.filter((binding) => binding.where.includes(scope));
  if (own.length === 0) return [];
  return [
    text(''),
    title(KEY_SCOPE_TITLES[scope]),
    ...own.map((binding) => entry(binding.keys.map(keyName).join(' '), binding.help)),
  ];
}

const DEMO_LINES: readonly HelpLine[] = [
  entry('demo', '`noetl-console --demo <command>` in another terminal reaches this same demo while it runs;'),
  entry('', '`noetl-console demo` keeps one running without a screen, and prints its DATABASE_URL.'),
];

/** Help as lines, made from the keymap in force: what a config file changed and read-only took away shows. */
export function helpLines(
  keymap: Keymap,
  facts: { isDemo: boolean; connection: string; readOnly: boolean; cancelledBy: string },
): HelpLine[] {
  return [
    title('This console'),
    entry('connected', facts.connection),
    ...(facts.isDemo ? DEMO_LINES : []),
    entry('cancels by', facts.cancelledBy),
    ...(facts.readOnly
      ? [entry('read-only', `not available: ${keymap.absent.map((binding) => binding.words).join(', ')}`)]
      : []),
    text(''),
    title('From stuck to stopped'),
    text(
      '2 shows what is stale and why; the panel below the list shows the evidence. Space marks one, a marks the safe ones.',
    ),
    text('c opens the cancel dialog. Nothing is written until you press Enter on its button; Esc goes back.'),
    text(
      'The console then watches the event log until every execution has stopped: 4 shows all cancellations, J the batches of this session.',
    ),
    ...KEY_SCOPES.filter((scope) => scope !== 'filter' && scope !== 'help').flatMap((scope) => keysOf(keymap, scope)),
    text(''),
    title('Filter (all terms must match)'),
    ...FILTER_FIELDS.map((field) => entry(field.example, field.words)),
    text(''),
    title('Why an execution is stale'),
    ...STALE_CODES.map((code) => entry(`${SAFE_CODES.has(code) ? '✓' : '!'} ${code}`, CODE_WORDS[code])),
    text('✓ safe to cancel, ! check before you cancel. The first code that applies is shown.'),
    text(''),
    title('After a cancel'),
    entry('◔ requested', 'the cancel is written; nothing was in progress'),
    entry('◑ draining n', 'n commands in progress have not ended; running commands are not interrupted'),
    entry('■ stopped', 'nothing in progress; commands issued afterwards are refused'),
    entry('□ abandoned', 'what was in progress belongs to workers that are gone; nothing more can start'),
    entry('▲ still emitting', 'a command claimed or started after the cancel has not ended'),
  ];
}
