import { CONDITION_CODES } from '../../domain/conditions/conditions.js';
import { RUNAWAY_CODES } from '../../domain/runaway/facts.js';
import { STALE_CODES } from '../../domain/staleness/staleness-types.js';
import type { FlagSpec } from '../command.js';

/** Flags that stand for themselves everywhere. */
export const GLOBAL_FLAGS: readonly FlagSpec[] = [
  {
    name: 'database-url',
    kind: 'value',
    value: 'URL',
    summary: 'PostgreSQL that holds the event table; else the environment says',
  },
  {
    name: 'profile',
    kind: 'value',
    value: 'NAME',
    complete: 'profiles',
    summary: 'a profile of the config file (also: NOETL_CONSOLE_PROFILE); `noetl-console profiles` lists them',
  },
  {
    name: 'schema',
    kind: 'value',
    value: 'NAME',
    summary: "the schema of NoETL's tables; else NOETL_SCHEMA, else noetl",
  },
  { name: 'demo', kind: 'switch', summary: 'work on the embedded demo; a configured database is not touched' },
  { name: 'seed', kind: 'value', value: 'N', summary: 'with --demo: make the same demo again' },
  {
    name: 'demo-dir',
    kind: 'value',
    value: 'DIR',
    file: true,
    summary: 'with --demo: keep its files here instead of a temporary folder',
  },
  {
    name: 'read-only',
    kind: 'switch',
    summary: 'refuse every write, in every command and in the console (also: NOETL_CONSOLE_READ_ONLY=1)',
  },
  { name: 'no-color', kind: 'switch', summary: 'no colours (also: NO_COLOR; FORCE_COLOR asks for them)' },
  { name: 'debug', kind: 'switch', summary: 'print the stack of an unexpected error' },
  { name: 'help', short: 'h', kind: 'switch', summary: 'help for the program or a command' },
  { name: 'version', short: 'v', kind: 'switch', summary: 'print the version' },
];

export const JSON_FLAG: FlagSpec = { name: 'json', kind: 'switch', summary: 'JSON, one object a line; as -o json' };
const FORM_WORDS = {
  wide: 'wide: all columns, uncut',
  json: 'json: one object a line',
  name: 'name: ids alone',
} as const;
/** `--json`, and `-o` with the forms that a command can print besides its usual one. */
export const outputFlags = (...forms: readonly (keyof typeof FORM_WORDS)[]): FlagSpec[] => [
  {
    name: 'output',
    short: 'o',
    kind: 'value',
    value: 'FORM',
    choices: forms,
    summary: forms.map((form) => FORM_WORDS[form]).join('; '),
  },
  JSON_FLAG,
];
/** Where a table is printed. */
export const TABLE_FLAGS = outputFlags('wide', 'json', 'name');

export const FILTER_FLAG: FlagSpec = {
  name: 'filter',
  kind: 'value',
  value: 'EXPR',
  dashed: true,
  summary: "only what matches, as the console's / does: 'path:etl/* age>2h why:orphaned'",
};
export const PATH_FLAG: FlagSpec = {
  name: 'path',
  kind: 'value',
  value: 'GLOB',
  summary: 'playbook path; * stands for any text, ? for one character',
};
export const WHY_FLAG: FlagSpec = {
  name: 'why',
  kind: 'value',
  value: 'CODE',
  multiple: true,
  choices: STALE_CODES,
  summary: 'only executions with this diagnosis; repeatable',
};
export const RUNAWAY_WHY_FLAG: FlagSpec = {
  ...WHY_FLAG,
  choices: RUNAWAY_CODES,
  summary: 'only executions that run away in this way; repeatable',
};
/** What `--sort` takes: the fields of each table. */
export const LIST_SORTS = ['started', 'run', 'silent', 'status', 'path', 'why', 'parent', 'id'] as const;
export const STALE_SORTS = ['silent', 'started', 'why', 'path', 'parent', 'id'] as const;
export const RUNAWAY_SORTS = ['run', 'rate', 'why', 'path', 'parent', 'id'] as const;
export const CANCELLED_SORTS = ['at', 'work', 'who', 'why', 'path', 'id'] as const;
/** By these fields, each in ascending order, or with a minus in descending order. */
export const sortFlag = (fields: readonly string[]): FlagSpec => ({
  name: 'sort',
  kind: 'value',
  value: 'FIELD',
  choices: fields.flatMap((field) => [field, `-${field}`]),
  summary: `order by ${fields.join(', ')}; ascending, with a minus descending`,
});
export const watchFlag = (everySeconds: number, until = 'Ctrl-C'): FlagSpec => ({
  name: 'watch',
  short: 'w',
  kind: 'switch',
  summary: `keep showing it, every ${everySeconds} seconds, until ${until}`,
});
export const SINCE_FLAG: FlagSpec = {
  name: 'since',
  kind: 'value',
  value: 'WHEN',
  suggest: ['10m', '1h', '1d', '7d'],
  summary: 'at or after: 2h ago, or a date or time in UTC',
};
export const DRY_RUN_FLAG: FlagSpec = {
  name: 'dry-run',
  kind: 'switch',
  summary: 'print what would be done; write nothing',
};
export const AS_FLAG: FlagSpec = {
  name: 'as',
  kind: 'value',
  value: 'NAME',
  summary: 'who cancels, as written to the events (default: user@host)',
};
export const WAIT_FLAG: FlagSpec = {
  name: 'wait',
  kind: 'optional-value',
  value: 'DURATION',
  alone: '30s',
  suggest: ['30s', '2m', '10m'],
  summary: 'follow until the work has stopped, at most this long (default 30s)',
};
export const REPORT_FLAG: FlagSpec = {
  name: 'report',
  kind: 'value',
  value: 'FILE',
  file: true,
  summary: 'write what was done as JSON, or as Markdown where FILE ends in .md',
};
export const OLDER_THAN_FLAG: FlagSpec = {
  name: 'older-than',
  kind: 'value',
  value: 'DURATION',
  suggest: ['10m', '30m', '2h', '1d'],
  summary: 'how long an execution must be silent to be stale (default 10m)',
};
export const REASON_FLAG: FlagSpec = {
  name: 'reason',
  kind: 'value',
  value: 'TEXT',
  summary: 'why, for everyone who reads the events later (at most 1,000 characters)',
};
export const REQUIRE_REASON_FLAG: FlagSpec = {
  name: 'require-reason',
  kind: 'switch',
  summary: 'refuse a cancel without a reason (also: require_reason in the config file)',
};
export const DESPITE_FLAG: FlagSpec = {
  name: 'despite',
  kind: 'value',
  value: 'CONDITION',
  multiple: true,
  choices: CONDITION_CODES,
  summary: 'clean up although this condition of the engine holds; written into each cancel; repeatable',
};
export const LIMIT_FLAG: FlagSpec = {
  name: 'limit',
  short: 'n',
  kind: 'value',
  value: 'N',
  summary: 'at most this many',
};

/** How cancels are written; settings of the config file too (config/layers.ts). */
export const ROUTE_FLAGS: readonly FlagSpec[] = [
  {
    name: 'via',
    kind: 'value',
    value: 'WAY',
    choices: ['auto', 'api', 'table'],
    summary: 'write cancels through the NoETL server (api) or to the table; auto: api where a server is configured',
  },
  {
    name: 'server',
    kind: 'value',
    value: 'URL',
    summary: 'the NoETL server to cancel through, such as http://HOST:8082',
  },
];

/** What a cancel takes, as a command and as `--cancel` without one. */
export const CANCEL_FLAGS: readonly FlagSpec[] = [
  REASON_FLAG,
  REQUIRE_REASON_FLAG,
  { name: 'cascade', kind: 'switch', summary: 'cancel all descendants too (sub-playbooks at any depth)' },
  DRY_RUN_FLAG,
  WAIT_FLAG,
  AS_FLAG,
  REPORT_FLAG,
  ...ROUTE_FLAGS,
  ...outputFlags('json', 'name'),
];

/** Those of the program's own flags that mean something to the console; the others are a cancel's. */
export const CONSOLE_FLAGS: ReadonlySet<string> = new Set([
  ...['older-than', 'theme', 'no-mouse', 'screen-reader', 'as', 'via', 'server', 'require-reason'],
]);

/** Flags of the program when no command is given: a cancel for scripts, and those of the interactive console. */
export const ROOT_FLAGS: readonly FlagSpec[] = [
  {
    name: 'cancel',
    kind: 'value',
    value: 'ID',
    multiple: true,
    summary: 'cancel this execution without a UI; repeatable, - reads ids from standard input',
  },
  ...CANCEL_FLAGS,
  { ...OLDER_THAN_FLAG, summary: 'the console: how long an execution must be silent to be stale (default 10m)' },
  {
    name: 'theme',
    kind: 'value',
    value: 'NAME',
    choices: ['dark', 'light', 'high-contrast', 'none'],
    summary: 'the console: dark, light, high-contrast or none',
  },
  { name: 'no-mouse', kind: 'switch', summary: 'the console: leave the mouse to the terminal' },
  { name: 'screen-reader', kind: 'switch', summary: 'the console: plain text that a screen reader can follow' },
];
