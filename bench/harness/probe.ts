import { type ChildProcess, fork } from 'node:child_process';
import type { ProbeAnswer, ProbeCommand } from '../references/ui-probe.js';
import { cleanEnvironment } from './process.js';

/** A screen in another process (references/ui-probe). */
export interface Probe {
  ask(command: ProbeCommand): Promise<ProbeAnswer>;
  close(): void;
}

/** Starts a bundled probe and waits until its first frame is out. */
export async function startProbe(file: string, what: string): Promise<Probe> {
  const child = fork(file, [what], {
    execArgv: ['--expose-gc'],
    // In colour, as users see it: colours make most of Ink's work and most of the bytes.
    env: cleanEnvironment({ FORCE_COLOR: '3' }),
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  await answerOf(child);
  return {
    ask: (command) => {
      const answer = answerOf(child);
      child.send(command);
      return answer;
    },
    close: () => child.disconnect(),
  };
}

function answerOf(child: ChildProcess): Promise<ProbeAnswer> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null) => reject(new Error(`the probe ended with ${code}`));
    child.once('exit', ended);
    child.once('message', (answer: ProbeAnswer & { error?: string }) => {
      child.off('exit', ended);
      if (answer.error) reject(new Error(answer.error));
      else resolve(answer);
    });
  });
}
