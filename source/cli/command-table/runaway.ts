import {
  FILTER_FLAG,
  LIMIT_FLAG,
  OLDER_THAN_FLAG,
  PATH_FLAG,
  RUNAWAY_SORTS,
  RUNAWAY_WHY_FLAG,
  sortFlag,
  TABLE_FLAGS,
  watchFlag,
} from '../args/flag-specs.js';
import { type CommandSpec, NONE } from '../command.js';

/** `runaway`, whose flags are the thresholds of domain/runaway. */
export const RUNAWAY_COMMAND: CommandSpec = {
  name: 'runaway',
  group: 'see',
  summary: 'List running executions that behave unlike their playbook, each with the evidence',
  usage: '[flags]',
  words: NONE,
  flags: [
    RUNAWAY_WHY_FLAG,
    FILTER_FLAG,
    PATH_FLAG,
    {
      name: 'factor',
      kind: 'value',
      value: 'N',
      summary: 'repeating, spawning: more than N times the most of any baseline run (default 3)',
    },
    {
      name: 'min-repeats',
      kind: 'value',
      value: 'N',
      summary: 'repeating, spawning: at least N issues or children (default 50)',
    },
    {
      name: 'min-attempts',
      kind: 'value',
      value: 'N',
      summary: 're-driven: one command claimed or started at least N times (default 5)',
    },
    {
      name: 'run-factor',
      kind: 'value',
      value: 'N',
      summary: "overrunning: longer than N times the baseline's 95th percentile (default 5)",
    },
    {
      name: 'min-run',
      kind: 'value',
      value: 'DURATION',
      summary: 'overrunning: running for at least this long (default 10m; 1d where there is no baseline)',
    },
    OLDER_THAN_FLAG,
    LIMIT_FLAG,
    sortFlag(RUNAWAY_SORTS),
    watchFlag(15),
    ...TABLE_FLAGS,
  ],
  notes: [
    'Compared with the last 50 runs of the same playbook that completed or failed. With fewer than 10 of them there is no baseline, and the absolute thresholds alone count.',
    'Codes: re-driven (one command taken again and again), repeating (a step issued far too often), spawning (far too many children), overrunning (running far too long).',
  ],
  examples: [
    ['noetl-console runaway', 'what runs away now'],
    ['noetl-console runaway --path "etl/*" --factor 2 --json', 'stricter, below etl/, one object a line'],
  ],
  load: () => import('../commands/runaway.js'),
};
