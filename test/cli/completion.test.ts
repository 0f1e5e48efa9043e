import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GLOBAL_FLAGS, ROOT_FLAGS } from '../../source/cli/args/flag-specs.js';
import { COMMANDS } from '../../source/cli/commands/index.js';
import { bashCompletion, fishCompletion, zshCompletion } from '../../source/cli/completion-scripts.js';
import { STALE_CODES } from '../../source/domain/staleness/staleness-types.js';

const GRAMMAR = { commands: COMMANDS, rootFlags: ROOT_FLAGS, globalFlags: GLOBAL_FLAGS };
const SCRIPTS = { bash: bashCompletion(GRAMMAR), zsh: zshCompletion(GRAMMAR), fish: fishCompletion(GRAMMAR) };
type Shell = keyof typeof SCRIPTS;

/** A folder with the scripts, and a program of this name that has two profiles. */
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'noetl-console-completion-'));
  for (const [shell, script] of Object.entries(SCRIPTS)) writeFileSync(join(folder, `completion.${shell}`), script);
  const program = '#!/bin/sh\n[ "$*" = "profiles -o name" ] && printf "prod\\nstaging\\n"\n';
  writeFileSync(join(folder, 'noetl-console'), program, { mode: 0o755 });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (shell: string, argv: string[]): string =>
  execFileSync(shell, argv, { encoding: 'utf8', env: { ...process.env, PATH: `${folder}:${process.env.PATH}` } });

/** What each shell itself offers after these words. */
const OFFERS: Readonly<Record<Shell, (words: string[]) => string[]>> = {
  bash: (words) => {
    // As readline hands it over: = stands alone.
    const split = words.flatMap((word) => word.split(/(=)/).filter((piece, at) => piece !== '' || at === 0));
    const script = `source ${join(folder, 'completion.bash')}
COMP_WORDS=(noetl-console "$@"); COMP_CWORD=$#; _noetl_console; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return run('bash', ['-c', script, 'bash', ...split])
      .split('\n')
      .filter(Boolean);
  },
  fish: (words) => {
    const script = `source ${join(folder, 'completion.fish')}; complete -C ${JSON.stringify(['noetl-console', ...words].join(' '))}`;
    return run('fish', ['--no-config', '-c', script])
      .split('\n')
      .filter(Boolean)
      .map((line) => line.split('\t')[0] ?? '')
      .map((offer) => offer.replace(/^--[a-z-]+=/, ''));
  },
  zsh: (words) => {
    // A second zsh in a pty, as a person would have it: compadd prints what it would offer.
    const inner = `PROMPT= RPROMPT=
autoload -Uz compinit && compinit -u -D
source ${join(folder, 'completion.zsh')}
bindkey '^I' complete-word
zstyle ':completion:*' completer _complete
compadd () {
  if [[ \${@[1,(i)(-|--)]} == *-(O|A|D)\\ * ]]; then builtin compadd "$@"; return $?; fi
  local -a hits; builtin compadd -A hits "$@"; local hit; for hit in $hits; do print -r -- "<<$hit>>"; done
}
null-line () { print -r -- "<<<END>>>" }
compprefuncs=( null-line ) comppostfuncs=( null-line )
print -r -- "<<<READY>>>"`;
    writeFileSync(join(folder, 'inner.zsh'), inner);
    const outer = `zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z "source ${join(folder, 'inner.zsh')}"
zpty -r -m z line '*<<<READY>>>*'
zpty -w -n z $'${['noetl-console', ...words].join(' ').replaceAll("'", "\\'")}\\t'
zpty -r -m z first '*<<<END>>>*'
zpty -r -m z line '*<<<END>>>*'
print -r -- "$first$line"
zpty -d z`;
    const text = run('zsh', ['-f', '-c', outer]);
    return [...new Set([...text.matchAll(/<<([^<>\r\n]+)>>/g)].map((match) => match[1] ?? ''))].filter(
      (offer) => offer !== 'END' && offer !== 'READY',
    );
  },
};

it.each(Object.entries(SCRIPTS))('%s knows every command and every flag', (_, script) => {
  for (const { name } of COMMANDS) expect(script).toMatch(new RegExp(`\\b${name}\\b`));
  for (const { name } of [GLOBAL_FLAGS, ROOT_FLAGS, ...COMMANDS.map((each) => each.flags)].flat()) {
    expect(script).toMatch(new RegExp(`(--|-l )${name}\\b`));
  }
});

const isInstalled = (shell: string) => spawnSync(shell, ['--version']).status === 0;

describe.each(Object.keys(SCRIPTS) as Shell[])('in a real %s', (shell) => {
  if (!isInstalled(shell)) {
    // Where it is not installed that is said aloud, and a machine that has to have all shells fails.
    it(`NOT TESTED: ${shell} is not installed on this machine`, () => {
      process.stderr.write(`\nNOT TESTED: completion in a real ${shell}, which is not installed on this machine\n`);
      expect(process.env.NOETL_TEST_ALL_SHELLS, `${shell} is not installed`).toBeUndefined();
    });
    return;
  }
  const offers = (...words: string[]) => OFFERS[shell](words).sort();

  it('its script parses', () => {
    // A file: `fish -n` does not read standard input.
    const { status, stderr } = spawnSync(shell, ['-n', join(folder, `completion.${shell}`)], { encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
  });

  it.each<[string[], readonly string[]]>([
    [
      ['list', '--status', ''],
      ['running', 'stale', 'completed', 'failed', 'cancelled', 'all'],
    ],
    [
      ['list', '--status', 'c'],
      ['completed', 'cancelled'],
    ],
    [['cleanup', '--include', 'o'], ['orphaned']],
    [['cleanup', '--include', ''], STALE_CODES],
    [['stale', '--why', 'never'], ['never-claimed']],
    [
      ['runaway', '--why', ''],
      ['re-driven', 'repeating', 'spawning', 'overrunning'],
    ],
    [
      ['stale', '-o', ''],
      ['wide', 'json', 'name'],
    ],
    [
      ['tree', '-o', ''],
      ['json', 'name'],
    ],
    [
      ['cancel', '--via', ''],
      ['auto', 'api', 'table'],
    ],
    [['cleanup', '--despite', 'no'], ['no-workers']],
    [['--theme', 'd'], ['dark']],
    [
      ['list', '--profile', ''],
      ['prod', 'staging'],
    ],
    [
      ['list', '--older-than', ''],
      ['10m', '30m', '2h', '1d'],
    ],
    [['list', '--status=sta'], ['stale']],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
  ])('offers the values of %j', (words, expected) => {
    expect(offers(...words)).toEqual([...expected].sort());
  });

  it('offers the fields of --sort of that very command', () => {
    expect(offers('cancelled', '--sort', '')).toEqual(expect.arrayContaining(['at', 'who', '-at']));
    expect(offers('stale', '--sort', '')).not.toContain('who');
  });

  it('offers commands, and the flags of the command that was typed and no others', () => {
    expect(offers('ca')).toEqual(['cancel', 'cancelled']);
    expect(offers('list', '--')).toEqual(expect.arrayContaining([expect.stringMatching(/^--status=?$/)]));
    expect(offers('list', '--').join(' ')).not.toContain('--cascade');
    expect(offers('cancel', '--c')).toEqual(['--cascade']);
  });
});

describe('bash', () => {
  it('looks past a flag whose value is called like a command', () => {
    expect(OFFERS.bash(['--database-url', 'list', 'cancel', '--cas'])).toEqual(['--cascade']);
    expect(OFFERS.bash(['--database-url=list', 'cancel', '--cas'])).toEqual(['--cascade']);
  });
  it('offers how long to wait behind = only, where --wait takes it', () => {
    expect(OFFERS.bash(['cancel', '--wait='])).toEqual(['30s', '2m', '10m']);
    expect(OFFERS.bash(['cancel', '--wait', '--cas'])).toEqual(['--cascade']);
  });
});
