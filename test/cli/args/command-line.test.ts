import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../../../source/cli/args/command-line.js';
import { GLOBAL_FLAGS, ROOT_FLAGS } from '../../../source/cli/args/flag-specs.js';
import { UsageError } from '../../../source/cli/args/usage-error.js';
import { COMMANDS } from '../../../source/cli/commands/index.js';

const GRAMMAR = { commands: COMMANDS, rootFlags: ROOT_FLAGS, globalFlags: GLOBAL_FLAGS };

function read(...argv: string[]) {
  const line = parseCommandLine(argv, GRAMMAR);
  return { ...line, command: line.command?.name ?? null };
}

function refused(...argv: string[]): UsageError {
  try {
    read(...argv);
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error(`not refused: ${JSON.stringify(argv)}`);
}

/** Words that a parser is tempted to turn into numbers, flags, or something without quotes. */
const NASTY_IDS = [
  '',
  '-5',
  '-',
  '0x10',
  '1e3',
  ' 12',
  '12 ',
  "12'",
  "'12'",
  '"12"',
  '12345678901234567890',
  '0543857931469455628',
  '9223372036854775808',
  'true',
  'false',
  '1,2',
  '1.5',
  '.5',
  '１２',
  '12\n',
  'a=b',
  'NaN',
  '__proto__',
];

describe('ids survive as exact strings', () => {
  it.each(NASTY_IDS)('behind --cancel: %j', (id) => {
    expect(read('--cancel', id).flags.texts('cancel')).toEqual([id]);
  });
  it.each(NASTY_IDS)('behind --cancel=: %j', (id) => {
    expect(read(`--cancel=${id}`).flags.texts('cancel')).toEqual([id]);
  });
  it.each(NASTY_IDS)('as a word of cancel: %j', (id) => {
    expect(read('cancel', id).input).toEqual([id]);
  });
  it.each([...NASTY_IDS, '--json', '--cancel', '--', '-x'])('behind --: %j', (id) => {
    expect(read('cancel', '--', id).input).toEqual([id]);
  });
  it('all of them at once, in their order, between flags', () => {
    const parsed = read('cancel', '--json', ...NASTY_IDS, '--reason', 'x', '7');
    expect(parsed.input).toEqual([...NASTY_IDS, '7']);
    expect(parsed.flags.text('reason')).toBe('x');
    const repeated = read(...NASTY_IDS.flatMap((id) => ['--cancel', id]));
    expect(repeated.flags.texts('cancel')).toEqual(NASTY_IDS);
  });
});

describe('values', () => {
  it.each(['', '"quoted"', "'quoted'", '- stuck', '5', '0x10', 'a=b=c', 'true', 'two words'])(
    'a reason is kept to the letter: %j',
    (reason) => {
      expect(read('--cancel', '1', '--reason', reason).flags.text('reason')).toBe(reason);
      expect(read('--cancel', '1', `--reason=${reason}`).flags.text('reason')).toBe(reason);
    },
  );
  it('--wait alone is 30 s and swallows nothing', () => {
    const parsed = read('cancel', '--wait', '17', '--cascade');
    expect(parsed.input).toEqual(['17']);
    expect(parsed.flags.duration('wait')).toBe(30_000);
    expect(parsed.flags.on('cascade')).toBe(true);
  });
  it('--wait=45s', () => expect(read('cancel', '1', '--wait=45s').flags.duration('wait')).toBe(45_000));
  it('switches: on, off, negated, absent', () => {
    expect(read('cancel', '1', '--cascade').flags.on('cascade')).toBe(true);
    expect(read('cancel', '1', '--cascade=true').flags.on('cascade')).toBe(true);
    expect(read('cancel', '1', '--cascade=false').flags.on('cascade')).toBe(false);
    expect(read('cancel', '1', '--no-cascade').flags.on('cascade')).toBe(false);
    expect(read('cancel', '1', '--cascade', '--no-cascade').flags.on('cascade')).toBe(false);
    expect(read('cancel', '1').flags.on('cascade')).toBe(false);
  });
  it('--no-color is a switch of its own', () => {
    expect(read('list', '--no-color').flags.on('no-color')).toBe(true);
    expect(read('list').flags.on('no-color')).toBe(false);
  });
  it('a choice and a filter may begin with a dash', () => {
    expect(read('list', '--sort', '-silent').flags.text('sort')).toBe('-silent');
    expect(read('list', '--filter', '-why:unknown age>1h').flags.text('filter')).toBe('-why:unknown age>1h');
    expect(refused('list', '--filter', '--json').message).toMatch(/looks like a flag/);
    expect(refused('list', '--filter', '-n').message).toMatch(/looks like a flag/);
    expect(refused('stale', '--sort', '-who').message).toMatch(/--sort does not know "-who"/);
  });
  it('flags before the command count', () => {
    const parsed = read('--demo', '--seed', '7', 'list', '-n', '3');
    expect(parsed.command).toBe('list');
    expect(parsed.flags.on('demo')).toBe(true);
    expect(parsed.flags.integer('seed', { least: 0, most: 9 })).toBe(7);
    expect(parsed.flags.integer('limit', { least: 1, most: 9 })).toBe(3);
  });
});

describe('usage errors name the flag and suggest the near one', () => {
  it.each<[string[], RegExp, RegExp | undefined]>([
    [['--cancle', '1'], /unknown flag --cancle/, /--cancel\b/],
    [['cancel', '1', '--reson', 'x'], /unknown flag --reson/, /--reason/],
    [['cancel', '1', '-z'], /unknown flag -z/, undefined],
    [['lst'], /unknown command "lst"/, /list/],
    [['--cancel', '1', '2'], /unknown command "2"/, /noetl-console cancel/],
    [['list', '--cascade'], /--cascade is not a flag of noetl-console list/, undefined],
    [['--include', 'unknown'], /--include is not a flag .*cleanup/, undefined],
    [['--cancel'], /--cancel needs a value/, undefined],
    [['--cancel', '--reason', 'x'], /--cancel needs a value, and --reason looks like a flag/, /--cancel=/],
    [['cancel', '1', '--reason', '--json'], /--reason needs a value/, /--reason=--json/],
    [['cancel', '1', '--reason', 'a', '--reason', 'b'], /--reason was given twice/, undefined],
    [['cancel', '1', '--json=yes'], /--json takes no value/, undefined],
    [['list', '--json', '-o', 'name'], /--json and --output name exclude/, undefined],
    [['runaway', '--why', 'orphaned'], /--why does not know "orphaned".*repeating/, undefined],
    [['list', '--status', 'runing'], /--status does not know "runing".*running/, undefined],
  ])('%j', (argv, message, hint) => {
    const error = refused(...argv);
    expect(error.message).toMatch(message);
    if (hint) expect(error.hint).toMatch(hint);
  });

  it.each<[string, string, RegExp]>([
    ['older-than', 'soon', /--older-than "soon" is not a duration/],
    ['older-than', '', /--older-than "" is not a duration/],
    ['older-than', '-5m', /--older-than "-5m" is not a duration/],
    ['limit', '0', /--limit "0"/],
    ['limit', '1e3', /--limit "1e3"/],
    ['limit', '-1', /--limit "-1"/],
  ])('--%s %j', (name, value, message) => {
    const { flags } = read('list', `--${name}=${value}`);
    const ask = () => (name === 'limit' ? flags.integer(name, { least: 1, most: 9999 }) : flags.duration(name));
    expect(ask).toThrow(message);
  });
});

describe('moments', () => {
  const NOW = Date.parse('2026-05-22T12:00:00Z');
  it.each<[string, string]>([
    ['2h', '2026-05-22T10:00:00.000Z'],
    ['2026-05-22', '2026-05-22T00:00:00.000Z'],
    ['2026-05-22T03:30:13', '2026-05-22T03:30:13.000Z'],
    ['2026-05-22 03:30', '2026-05-22T03:30:00.000Z'],
    ['2026-05-22T03:30:13Z', '2026-05-22T03:30:13.000Z'],
    ['2026-05-22T03:30:13+02:00', '2026-05-22T01:30:13.000Z'],
  ])('%s', (text, iso) => {
    expect(new Date(read('list', '--since', text).flags.moment('since', NOW)!).toISOString()).toBe(iso);
  });
  it.each(['yesterday', '2026-13-01', '22.05.2026', ''])('not %j', (text) => {
    expect(() => read('list', `--since=${text}`).flags.moment('since', NOW)).toThrow(/--since/);
  });
});

describe('the command table', () => {
  const flags = [GLOBAL_FLAGS, ROOT_FLAGS, ...COMMANDS.map((each) => each.flags)].flat();
  it('means the same kind of flag by the same name everywhere, or words could not be sorted', () => {
    const kinds = new Map<string, Set<string>>();
    for (const { name, kind, short, multiple } of flags) {
      kinds.set(name, (kinds.get(name) ?? new Set()).add(JSON.stringify([kind, short, multiple])));
    }
    expect([...kinds].filter(([, found]) => found.size > 1)).toEqual([]);
  });
  it('gives no short flag to two names', () => {
    const shorts = new Map(flags.flatMap(({ name, short }) => (short ? [[`${short} ${name}`, short]] : [])));
    expect(new Set(shorts.values()).size).toBe(shorts.size);
  });
  it.each(COMMANDS.map((command) => [command.name, command] as const))('loads %s', async (_, command) => {
    expect((await command.load()).run).toBeTypeOf('function');
  });
});
