import type { ReactElement } from 'react';
import type { ConsoleOptions, ConsoleOutcome } from '../shell/console-options.js';
import { mountFullScreen, useTerminalSize } from '../terminal/index.js';
import { ConsoleModel } from './console-model.js';
import { ConsoleScreen } from './console-screen.js';

export type { BatchSummary, ConsoleOptions, ConsoleOutcome } from '../shell/console-options.js';

/**
 * The interactive console, from its first frame until the operator leaves, a signal comes or a screen breaks. Resolves
 * once the terminal is as it was and no transaction of the console is under way; the caller reports. Rejects only when
 * the terminal cannot be taken at all, before anything was shown.
 */
export async function runConsole(options: ConsoleOptions): Promise<ConsoleOutcome> {
  const model = new ConsoleModel(options);
  try {
    const screen = mountFullScreen(<Console model={model} />, {
      stdin: options.stdin ?? process.stdin,
      stdout: options.stdout ?? process.stdout,
      env: options.env ?? process.env,
      mouse: options.mouse ?? false,
      screenReader: options.screenReader ?? false,
    });
    model.attach(screen.terminal);
    options.feed.start();
    const terminal = await screen.waitUntilExit();
    return { terminal, batches: await model.close(), keyProblems: model.keyProblems };
  } finally {
    await model.close();
    await options.feed.stop();
  }
}

function Console({ model }: { model: ConsoleModel }): ReactElement {
  return <ConsoleScreen model={model} size={useTerminalSize()} />;
}
