import { nearWord } from '../../text/words.js';
import { GLOBAL_FLAGS, ROOT_FLAGS } from '../args/flag-specs.js';
import { UsageError } from '../args/usage-error.js';
import type { CommandContext } from '../command.js';
import { bashCompletion, fishCompletion, zshCompletion } from '../completion-scripts.js';
import { EXIT } from '../output/exit-code.js';
import { COMMANDS } from './index.js';

const SCRIPTS = new Map([
  ['bash', bashCompletion],
  ['zsh', zshCompletion],
  ['fish', fishCompletion],
]);

/** `completion <shell>`: a script made from the command table. */
export async function run({ input, terminal }: CommandContext): Promise<number> {
  const [shell = ''] = input;
  const script = SCRIPTS.get(shell);
  if (!script) {
    const near = nearWord(shell, SCRIPTS.keys());
    throw new UsageError(
      `completion does not know the shell ${JSON.stringify(shell)}: bash, zsh or fish`,
      near ? `Did you mean ${near}?` : undefined,
    );
  }
  terminal.write(script({ commands: COMMANDS, rootFlags: ROOT_FLAGS, globalFlags: GLOBAL_FLAGS }));
  return EXIT.done;
}
