import type { CommandContext } from '../command.js';

/** No command: the interactive console, or, without a terminal, one plain snapshot. Neither loads what the other needs. */
export async function run(context: CommandContext): Promise<number> {
  const { terminal } = context;
  if (!terminal.stdin.isTTY || !terminal.stdout.isTTY) {
    const { snapshot } = await import('../snapshot.js');
    return snapshot(context);
  }
  const { runInteractive } = await import('../interactive.js');
  return runInteractive(context);
}
