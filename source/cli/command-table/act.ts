import {
  AS_FLAG,
  CANCEL_FLAGS,
  DESPITE_FLAG,
  DRY_RUN_FLAG,
  JSON_FLAG,
  LIMIT_FLAG,
  OLDER_THAN_FLAG,
  REASON_FLAG,
  REPORT_FLAG,
  ROUTE_FLAGS,
  WAIT_FLAG,
} from '../args/flag-specs.js';
import type { CommandSpec } from '../command.js';
import { NONE, SOME_IDS } from './word-counts.js';

/** Commands that cancel. */
export const ACT_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'cancel',
    group: 'act',
    summary: 'Cancel executions',
    usage: '<id>… [flags]',
    words: SOME_IDS,
    flags: CANCEL_FLAGS,
    notes: [
      'Appends the cancel to the event table; workers then skip what is left. A command in progress finishes, and nothing',
      'is rolled back. Executions that have ended are never written to. - reads ids from standard input.',
    ],
    examples: [
      ['noetl-console cancel 543857931469455628 --reason "Detected infinite loop"', 'one execution'],
      ['noetl-console cancel 543857931469455628 --cascade --wait', 'with its sub-playbooks, until all has stopped'],
      ['noetl-console cancel 543857931469455628 --cascade --dry-run', 'what that would do'],
      ['noetl-console cancel 543857931469455628 --server http://noetl.internal:8082', 'through the NoETL server'],
      ['cat ids.txt | noetl-console cancel - --json', 'many, for a script'],
    ],
    load: () => import('../commands/cancel.js'),
  },
  {
    name: 'cleanup',
    group: 'act',
    summary: 'Cancel stale executions that are safe to cancel',
    usage: '[flags]',
    words: NONE,
    flags: [
      OLDER_THAN_FLAG,
      REASON_FLAG,
      {
        name: 'include',
        kind: 'value',
        value: 'CODE',
        multiple: true,
        summary: 'take executions with this code too, though it is not safe by itself; repeatable',
      },
      DESPITE_FLAG,
      LIMIT_FLAG,
      {
        name: 'path',
        kind: 'value',
        value: 'GLOB',
        summary: 'only of this playbook path; * stands for any text, ? for one character',
      },
      {
        name: 'rehearse',
        kind: 'value',
        value: 'DURATION',
        summary: 'write nothing: what it would have cancelled in the last DURATION, and what of that went on',
      },
      { name: 'rate', kind: 'value', value: 'N', summary: 'at most this many executions a second' },
      DRY_RUN_FLAG,
      WAIT_FLAG,
      AS_FLAG,
      REPORT_FLAG,
      ...ROUTE_FLAGS,
      JSON_FLAG,
    ],
    notes: [
      "Takes what 'stale' calls safe. An execution that emits an event between the plan and the write is left alone.",
      'Refused (exit 7) while no worker is alive, workers have just returned, the log lags or the servers are down: an',
      'outage looks like a thousand stuck executions. A dry run prints its plan all the same, and exits 7 too.',
      '',
      '--rehearse asks of every silence in the past what the rule would have said then, from the log up to that moment.',
      'Heartbeats of the past are not kept, so it answers twice: with worker liveness unknown (a claim counts as live), and',
      'with every worker counted as lost, which is the worst case: a cleanup in an outage.',
    ],
    examples: [
      ['noetl-console cleanup --dry-run', 'what it would cancel, and what it would leave alone and why'],
      ['noetl-console cleanup --rehearse 30d', 'whether the threshold would have killed healthy work last month'],
      ['noetl-console cleanup --older-than 2h --reason "Cleanup stale execution"', 'silent for two hours or more'],
    ],
    load: () => import('../commands/cleanup.js'),
  },
];
