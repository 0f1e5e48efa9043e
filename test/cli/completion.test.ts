import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../source/cli/commands/index.js';
import { bashCompletion } from '../../source/cli/completion/bash.js';
import { fishCompletion } from '../../source/cli/completion/fish.js';
import { zshCompletion } from '../../source/cli/completion/zsh.js';
import { GLOBAL_FLAGS, ROOT_FLAGS } from '../../source/cli/flags.js';

const GRAMMAR = { commands: COMMANDS, rootFlags: ROOT_FLAGS, globalFlags: GLOBAL_FLAGS };
const SCRIPTS = { bash: bashCompletion(GRAMMAR), zsh: zshCompletion(GRAMMAR), fish: fishCompletion(GRAMMAR) };

it.each(Object.entries(SCRIPTS))('%s knows every command and every flag', (_, script) => {
  for (const { name } of COMMANDS) expect(script).toMatch(new RegExp(`\\b${name}\\b`));
  for (const { name } of [GLOBAL_FLAGS, ROOT_FLAGS, ...COMMANDS.map((each) => each.flags)].flat()) {
    expect(script).toMatch(new RegExp(`(--|-l )${name}\\b`));
  }
});

/** The shells that this machine has; bash is everywhere where the tests run. */
const has = (shell: string) => spawnSync(shell, ['--version']).status === 0;
it.each(['bash', ...(['zsh', 'fish'] as const).filter(has)])('%s can parse its script', (shell) => {
  // A file: `fish -n` does not read standard input.
  const folder = mkdtempSync(join(tmpdir(), 'noetl-console-completion-'));
  try {
    const file = join(folder, `completion.${shell}`);
    writeFileSync(file, SCRIPTS[shell as keyof typeof SCRIPTS]);
    const { status, stderr } = spawnSync(shell, ['-n', file], { encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

describe('bash completes', () => {
  const complete = (...words: string[]): string[] => {
    const script = `${SCRIPTS.bash}
COMP_WORDS=(noetl-console "$@"); COMP_CWORD=$#; _noetl_console; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return execFileSync('bash', ['-c', script, 'bash', ...words], { encoding: 'utf8' })
      .split('\n')
      .filter(Boolean);
  };
  it('commands', () => expect(complete('ca')).toEqual(['cancelled', 'cancel']));
  it('the flags of the command that was typed, and no others', () => {
    expect(complete('list', '--')).toContain('--status');
    expect(complete('list', '--')).not.toContain('--cascade');
    expect(complete('cancel', '--c')).toEqual(['--cascade']);
  });
  it('choices of a flag', () => expect(complete('list', '--status', 'c')).toEqual(['completed', 'cancelled']));
  it('shells', () => expect(complete('completion', '')).toEqual(['bash', 'zsh', 'fish']));
  it('past a flag whose value is called like a command', () => {
    expect(complete('--database-url', 'list', 'cancel', '--cas')).toEqual(['--cascade']);
  });
});
