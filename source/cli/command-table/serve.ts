import { outputFlags, REQUIRE_REASON_FLAG, ROUTE_FLAGS, TABLE_FLAGS } from '../args/flag-specs.js';
import { type CommandSpec, NONE } from '../command.js';

const SHELLS = ['bash', 'zsh', 'fish'];

/** Commands that serve others, and those about the program itself. */
export const SERVE_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'serve',
    group: 'serve',
    summary: 'Serve the HTTP API',
    usage: '[flags]',
    words: NONE,
    flags: [
      { name: 'host', kind: 'value', value: 'ADDRESS', summary: 'address to listen on (default 127.0.0.1)' },
      { name: 'port', kind: 'value', value: 'N', summary: 'port to listen on (default 8082)' },
      {
        name: 'token',
        kind: 'value',
        value: 'TOKEN',
        summary:
          'ask callers for this bearer token (also: NOETL_CONSOLE_TOKEN); needed for any other address than this machine',
      },
      { name: 'allow-query', kind: 'switch', summary: 'answer read-only SQL too, as `noetl query` sends it' },
      REQUIRE_REASON_FLAG,
      ...ROUTE_FLAGS,
    ],
    examples: [
      ['noetl-console serve', 'on http://127.0.0.1:8082'],
      ['noetl-console serve --demo --port 0', 'on the demo, on a free port'],
    ],
    load: () => import('../commands/serve.js'),
  },
  {
    name: 'demo',
    group: 'serve',
    summary: 'Keep a demo running for other commands',
    usage: '[flags]',
    words: NONE,
    flags: [
      {
        name: 'outage',
        kind: 'value',
        value: 'DURATION|end',
        suggest: ['3m', 'end'],
        summary: 'take the workers of the running demo away for so long, or bring them back now',
      },
    ],
    notes: [
      'Prints DATABASE_URL=…; every command with --demo in another terminal then works on this one. Ctrl-C ends it.',
    ],
    examples: [
      ['noetl-console demo --seed 7', 'the same demo every time'],
      ['noetl-console list --demo', 'in another terminal'],
      ['noetl-console demo --outage 3m', 'no worker of the running demo for three minutes'],
    ],
    load: () => import('../commands/demo.js'),
  },
  {
    name: 'doctor',
    group: 'serve',
    summary: 'Check connection, schema, privileges, clock, indexes and workers',
    usage: '[flags]',
    words: NONE,
    flags: [...ROUTE_FLAGS, ...outputFlags('json')],
    examples: [['noetl-console doctor', 'what works, and what to fix']],
    load: () => import('../commands/doctor.js'),
  },
  {
    name: 'profiles',
    group: 'serve',
    summary: 'List the connections of the config file',
    usage: '[flags]',
    words: NONE,
    flags: TABLE_FLAGS,
    examples: [['noetl-console profiles', 'which profiles there are, and what is wrong with them']],
    load: () => import('../commands/profiles.js'),
  },
  {
    name: 'completion',
    group: 'serve',
    summary: 'Print a completion script for a shell',
    usage: '<bash|zsh|fish>',
    words: { least: 1, most: 1, called: 'bash, zsh or fish' },
    flags: [],
    wordChoices: SHELLS,
    examples: [
      ['source <(noetl-console completion bash)', 'bash, in ~/.bashrc'],
      [`noetl-console completion zsh > "$\{fpath[1]}/_noetl-console"`, 'zsh'],
      ['noetl-console completion fish > ~/.config/fish/completions/noetl-console.fish', 'fish'],
    ],
    load: () => import('../commands/completion.js'),
  },
];
