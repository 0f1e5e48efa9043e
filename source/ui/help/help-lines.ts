import type { DisplayStatus } from '../../domain/execution.js';
import { FILTER_FIELDS } from '../../domain/filter.js';
import { SAFE_CODES, STALE_CODES } from '../../domain/staleness/staleness-types.js';
import type { StopPhase } from '../../domain/stopping/stopping.js';
import { CODE_WORDS, statusWord, stopSign } from '../rows/format-status.js';
import { SAFE_MARK, UNKNOWN, UNSAFE_MARK } from '../rows/row-cells.js';
import { type Keymap, keyName, keyOf } from '../shell/keymap-resolve.js';
import { KEY_SCOPE_TITLES, KEY_SCOPES, type KeyBinding, type KeyScope } from '../shell/keymap-types.js';

export interface HelpLine {
  readonly kind: 'title' | 'entry' | 'text';
  readonly key: string;
  readonly words: string;
  /** Further words that the search finds it by. */
  readonly also?: string;
}

/** What help says of the session beside the keys. */
export interface HelpFacts {
  readonly isDemo: boolean;
  readonly connection: string;
  readonly readOnly: boolean;
  readonly cancelledBy: string;
}

const title = (words: string): HelpLine => ({ kind: 'title', key: '', words });
const entry = (key: string, words: string): HelpLine => ({ kind: 'entry', key, words });
const text = (words: string): HelpLine => ({ kind: 'text', key: '', words });

/** What each screen is for, in a few sentences. */
function purpose(keymap: Keymap, scope: KeyScope): readonly string[] {
  const key = (id: Parameters<typeof keyOf>[1]) => keyOf(keymap, id);
  switch (scope) {
    case 'list':
      return [
        `From stuck to stopped: ${key('view-stale')} shows what is stale and why, ${key('view-runaway')} what runs unlike its playbook; the panel below the list shows the evidence. ${key('mark')} marks one, ${key('mark-safe')} the safe ones.`,
        `${key('cancel')} opens the cancel dialog. Nothing is written until you press ${key('accept')} on its button; ${key('back')} goes back. The console then watches the event log until every execution has stopped: ${key('view-cancelled')} shows all cancellations, ${key('batches')} the batches.`,
      ];
    case 'describe':
      return [
        `All that is known of one execution, read again while it is shown. ${key('open')} opens what the line under the cursor names: the parent, the children, the failing event.`,
      ];
    case 'tree':
      return [
        'An execution and its descendants, whatever started them. Cancelling from here takes what is marked, or the line under the cursor; cascade in the dialog adds the descendants.',
      ];
    case 'timeline':
      return ['The events of one execution, oldest first. Payloads are masked: they may contain secrets.'];
    case 'gantt':
      return ['When each step, each iteration of a loop or each descendant ran, on one scale: where the time went.'];
    case 'cancel':
      return [
        `The targets are those of the moment the dialog was opened. Nothing is written until you press ${key('accept')} on the button, and ${key('back')} writes nothing. A reason is kept with each cancel. Executions that emit an event before the write are skipped.`,
      ];
    case 'batch':
      return [
        'What became of each execution, and whether its work has stopped. Leaving this screen does not stop the batch.',
      ];
    case 'batches':
      return ["Cancels are written in batches, one for each press of the dialog's button."];
    case 'report':
      return ['The incident report of a batch, as of now, whoever ran it and whenever.'];
    case 'causes':
      return [`The stale executions counted by cause. ${key('open')} lists those of one cause.`];
    default:
      return [];
  }
}

/** Statuses as the lists show them, and what each says. */
const STATUS_MEANINGS: readonly (readonly [DisplayStatus, string])[] = [
  ['RUNNING', 'has not ended; its last event is younger than the threshold'],
  ['STALE', 'has not ended, and has been silent for longer than the threshold'],
  ['COMPLETED', 'ended as completed'],
  ['FAILED', 'ended as failed'],
  ['CANCELLED', 'cancelled; STOPPED? in the Cancelled view says whether it has stopped'],
];
const COLUMNS: readonly HelpLine[] = [
  text(''),
  title('Columns'),
  ...STATUS_MEANINGS.map(([status, words]) => entry(`${statusWord(status).glyph} ${status}`, words)),
  entry('CHILDREN LIVE/ALL', 'direct children that have not ended, and all direct children'),
  entry('▼ ▲', 'the list is sorted by this column, its largest or its smallest value first'),
  entry(UNKNOWN, 'not known'),
];

const AFTER_A_CANCEL: readonly (readonly [StopPhase, string])[] = [
  ['requested', 'the cancel is written; nothing was in progress'],
  ['draining', 'commands in progress have not ended (how many is said); running commands are not interrupted'],
  ['stopped', 'nothing in progress; commands issued afterwards are refused'],
  ['abandoned', 'what was in progress belongs to workers that are gone; nothing more can start'],
  ['still-emitting', 'a command claimed or started after the cancel has not ended'],
];
const STOPPING: readonly HelpLine[] = [
  text(''),
  title('After a cancel'),
  ...AFTER_A_CANCEL.map(([phase, words]) => entry(stopSign(phase), words)),
];
const FILTER: readonly HelpLine[] = [
  text(''),
  title('Filter (all terms must match)'),
  ...FILTER_FIELDS.map((field) => entry(field.example, field.words)),
];
const CODES: readonly HelpLine[] = [
  text(''),
  title('Why an execution is stale'),
  ...STALE_CODES.map((code) => entry(`${SAFE_CODES.has(code) ? SAFE_MARK : UNSAFE_MARK} ${code}`, CODE_WORDS[code])),
  text(`${SAFE_MARK} safe to cancel, ${UNSAFE_MARK} check before you cancel. The first code that applies is shown.`),
];
/** What else a screen's help explains: the words that stand on it. */
const WORDS: Readonly<Partial<Record<KeyScope, readonly (readonly HelpLine[])[]>>> = {
  list: [FILTER, COLUMNS, CODES, STOPPING],
  describe: [CODES, STOPPING],
  tree: [COLUMNS, CODES],
  cancel: [CODES],
  batch: [STOPPING],
  batches: [STOPPING],
  causes: [CODES],
};

const COMMAND_LINE: readonly HelpLine[] = [
  text(''),
  title('Command line'),
  entry('ID', 'opens the execution, from the database where it is not loaded'),
  entry('tree ID', 'also: describe ID, timeline ID, cancel ID…'),
  entry('filter TERMS', 'filters the list'),
  entry(
    'stale, batches, …',
    'any view or action by its name; docs/keys.md lists them. Tab completes, ↑ and ↓ go through the history',
  ),
];

const isCommon = ({ where }: KeyBinding): boolean => where.length > 6;

function keysOf(keymap: Keymap, scope: KeyScope): HelpLine[] {
  // What is particular to the screen comes first: keys that work nearly everywhere are soon known.
  const own = keymap.bindings
    .filter((binding) => binding.where.includes(scope))
    .sort((one, other) => Number(isCommon(one)) - Number(isCommon(other)));
  if (own.length === 0) return [];
  return [
    text(''),
    title(`Keys: ${KEY_SCOPE_TITLES[scope]}`),
    ...own.map(({ id, names = [], keys, words, help, helpIn }) => ({
      ...entry(keys.map(keyName).join(' '), helpIn?.[scope] ?? help),
      also: [id, words, ...names].join(' '),
    })),
  ];
}

function session(keymap: Keymap, facts: HelpFacts): HelpLine[] {
  const demo = [
    entry('demo', '`noetl-console --demo <command>` in another terminal reaches this same demo while it runs;'),
    entry('', '`noetl-console demo` keeps one running without a screen, and prints its DATABASE_URL.'),
  ];
  const off = keymap.absent.map((binding) => binding.words).join(', ');
  return [
    text(''),
    title('This console'),
    entry('connected', facts.connection),
    ...(facts.isDemo ? demo : []),
    entry('cancels by', facts.cancelledBy),
    ...(facts.readOnly ? [entry('read-only', `not available: ${off}`)] : []),
  ];
}

/** Help for one screen, made from the keymap in force: what a config file changed and read-only took away shows. */
export function helpLines(keymap: Keymap, scope: KeyScope, facts: HelpFacts): HelpLine[] {
  return [
    ...purpose(keymap, scope).map(text),
    ...keysOf(keymap, scope),
    ...(WORDS[scope] ?? []).flat(),
    ...COMMAND_LINE,
    ...session(keymap, facts),
  ];
}

/** Help for all screens, for the search. */
function allLines(keymap: Keymap, facts: HelpFacts): HelpLine[] {
  const screens = KEY_SCOPES.flatMap((scope) => {
    const words = purpose(keymap, scope).map(text);
    const about = words.length > 0 ? [title(KEY_SCOPE_TITLES[scope]), ...words] : [];
    return [...about, ...keysOf(keymap, scope)];
  });
  return [...screens, ...FILTER, ...COLUMNS, ...CODES, ...STOPPING, ...COMMAND_LINE, ...session(keymap, facts)];
}

/** The lines of all screens' help that hold every word, each below its title. */
export function searchedLines(keymap: Keymap, facts: HelpFacts, search: string): HelpLine[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const found: HelpLine[] = [];
  let heading: HelpLine | null = null;
  for (const line of allLines(keymap, facts)) {
    if (line.kind === 'title') {
      heading = line;
      continue;
    }
    const seen = `${line.key} ${line.words} ${line.also ?? ''}`.toLowerCase();
    if (seen.trim() === '' || !words.every((word) => seen.includes(word))) continue;
    if (heading) found.push(heading);
    heading = null;
    found.push(line);
  }
  return found;
}
