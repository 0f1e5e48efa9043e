import { JSON_FLAG, LIMIT_FLAG, OLDER_THAN_FLAG } from '../args/flag-specs.js';
import { type CommandSpec, NONE, ONE_ID, SOME_IDS } from '../command.js';
import { RUNAWAY_COMMAND } from './runaway.js';

const STATUSES = ['running', 'stale', 'completed', 'failed', 'cancelled', 'all'];

/** Commands that only look. */
export const SEE_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'list',
    group: 'see',
    summary: 'List executions, newest first',
    usage: '[flags]',
    words: NONE,
    flags: [
      {
        name: 'status',
        kind: 'value',
        value: 'STATUS',
        choices: STATUSES,
        summary: 'running, stale, completed, failed, cancelled or all (default all)',
      },
      {
        name: 'path',
        kind: 'value',
        value: 'GLOB',
        summary: 'playbook path; * stands for any text, ? for one character',
      },
      { name: 'parent', kind: 'value', value: 'ID', summary: 'only the children of this execution' },
      { name: 'since', kind: 'value', value: 'WHEN', summary: 'began at or after: 2h ago, or a date or time in UTC' },
      { ...LIMIT_FLAG, summary: 'at most this many (default 50)' },
      OLDER_THAN_FLAG,
      { name: 'watch', short: 'w', kind: 'switch', summary: 'keep showing it, every 2 seconds, until Ctrl-C' },
      JSON_FLAG,
    ],
    examples: [
      ['noetl-console list', 'the newest 50 executions'],
      ['noetl-console list --status running --path "etl/*"', 'what runs below etl/'],
      ['noetl-console list --status failed --since 1d --json', 'what failed since yesterday, for a script'],
    ],
    load: () => import('../commands/list.js'),
  },
  {
    name: 'stale',
    group: 'see',
    summary: 'List executions that fell silent, each with why',
    usage: '[flags]',
    words: NONE,
    flags: [OLDER_THAN_FLAG, LIMIT_FLAG, JSON_FLAG],
    notes: [
      'An execution is stale when it has no terminal event and its newest event is older than the threshold.',
      'The code says why, with its evidence; "safe" says whether cleanup cancels it by default.',
    ],
    examples: [
      ['noetl-console stale', 'silent for more than 10 minutes'],
      ['noetl-console stale --older-than 2h --json', 'one object a line'],
    ],
    load: () => import('../commands/stale.js'),
  },
  RUNAWAY_COMMAND,
  {
    name: 'status',
    group: 'see',
    summary: 'Show the state of an execution',
    usage: '<id>… [flags]',
    words: SOME_IDS,
    flags: [
      OLDER_THAN_FLAG,
      { name: 'watch', short: 'w', kind: 'switch', summary: 'keep showing it, every 2 seconds, until it is over' },
      JSON_FLAG,
    ],
    examples: [
      ['noetl-console status 543857931469455628', 'its step, worker, children, first error, and why it is stuck'],
      ['noetl-console status 543857931469455628 --watch', 'until it has ended; a cancelled one, until it has stopped'],
    ],
    load: () => import('../commands/status.js'),
  },
  {
    name: 'tree',
    group: 'see',
    summary: 'Show an execution and its sub-playbooks as a tree',
    usage: '<id> [flags]',
    words: ONE_ID,
    flags: [OLDER_THAN_FLAG, JSON_FLAG],
    examples: [['noetl-console tree 543857931469455628', 'all descendants, at any depth']],
    load: () => import('../commands/tree.js'),
  },
  {
    name: 'events',
    group: 'see',
    summary: "Show an execution's timeline",
    usage: '<id> [flags]',
    words: ONE_ID,
    flags: [
      { name: 'follow', short: 'f', kind: 'switch', summary: 'keep printing new events until it ends' },
      { name: 'payloads', kind: 'switch', summary: 'show context, result and meta, their values masked' },
      { name: 'reveal', kind: 'switch', summary: 'show context, result and meta as they are: they may hold secrets' },
      { ...LIMIT_FLAG, summary: 'the newest this many (default: all)' },
      JSON_FLAG,
    ],
    examples: [
      ['noetl-console events 543857931469455628 --limit 20', 'its last 20 events'],
      ['noetl-console events 543857931469455628 --follow', 'and what comes'],
    ],
    load: () => import('../commands/events.js'),
  },
  {
    name: 'cancelled',
    group: 'see',
    summary: 'List the latest cancellations: when, who, why, and whether the work has stopped',
    usage: '[flags]',
    words: NONE,
    flags: [
      { name: 'since', kind: 'value', value: 'WHEN', summary: 'at or after: 2h ago, or a date or time in UTC' },
      { name: 'batch', kind: 'value', value: 'ID', summary: 'only those of one batch, in the order they were written' },
      { ...LIMIT_FLAG, summary: 'at most this many (default 20; of a batch, all)' },
      JSON_FLAG,
    ],
    examples: [['noetl-console cancelled --since 1d', "today's cancellations"]],
    load: () => import('../commands/cancelled.js'),
  },
  {
    name: 'report',
    group: 'see',
    summary: 'Print the incident report of any batch, from the log',
    usage: '<batch> [flags]',
    words: { least: 1, most: 1, called: 'a batch id' },
    flags: [
      {
        name: 'since',
        kind: 'value',
        value: 'WHEN',
        summary: 'look only at cancellations at or after: 2h ago, or a date or time in UTC (default: all there are)',
      },
      { ...JSON_FLAG, summary: 'JSON instead of Markdown' },
    ],
    notes: [
      'The report is read from the event log, as of now. What leaves no event is not in it: unknown ids and failed writes.',
      '`noetl-console cancelled --json` shows batch ids (batch_id).',
    ],
    examples: [['noetl-console report 9085987c-5d6d-41cc-981d-11e4db7b0333 > incident.md', 'the report as Markdown']],
    load: () => import('../commands/report.js'),
  },
  {
    name: 'query',
    group: 'see',
    summary: 'Run one read-only SQL query',
    usage: '"<sql>" [flags]',
    words: { least: 1, most: 1, called: 'one SQL statement in quotes' },
    flags: [
      { ...LIMIT_FLAG, summary: 'at most this many rows (default 1000)' },
      {
        name: 'timeout',
        kind: 'value',
        value: 'DURATION',
        summary: 'the server ends the query after this (default 30s)',
      },
      {
        name: 'shard',
        kind: 'value',
        value: 'N',
        summary: 'of a sharded NoETL: this one only, by its number or cluster; else all, with a column shard',
      },
      { name: 'csv', kind: 'switch', summary: 'CSV with a header line, values to the letter: formulas stay formulas' },
      {
        name: 'csv-safe',
        kind: 'switch',
        summary:
          'CSV for spreadsheets: an apostrophe before what begins with =, +, -, @, tab or CR and is not a number',
      },
      {
        name: 'role',
        kind: 'value',
        value: 'NAME',
        summary: 'run it as this database role (also: NOETL_QUERY_ROLE); none: as the connection is',
      },
      {
        name: 'allow-functions',
        kind: 'switch',
        summary: "trust the database's own functions, operators, casts and views that are not VOLATILE",
      },
      JSON_FLAG,
    ],
    examples: [
      [
        `noetl-console query "SELECT execution_id, created_at, context->>'reason' AS reason FROM noetl.event WHERE event_type = 'execution.cancelled' ORDER BY created_at DESC LIMIT 10"`,
        'the latest cancellations with their reasons',
      ],
    ],
    load: () => import('../commands/query.js'),
  },
];
