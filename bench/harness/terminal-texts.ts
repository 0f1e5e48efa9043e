import { spawn } from '@lydell/node-pty';
import { cleanEnvironment } from './process.js';

/** The frame with data says that it is live. */
export const LIVE = '● live';
const DEADLINE_MS = 60_000;

/** Milliseconds until each of the texts has come out of the program, which is then ended. */
export function timesUntil(
  args: readonly string[],
  texts: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<number[]> {
  const start = performance.now();
  const terminal = spawn(process.execPath, [...args], {
    name: 'xterm-256color',
    cols: 120,
    rows: 39,
    env: cleanEnvironment(env) as Record<string, string>,
  });
  return new Promise((resolve, reject) => {
    const seen: number[] = [];
    let output = '';
    const deadline = setTimeout(
      () => end(new Error(`no "${texts[seen.length]}" in ${output.slice(-400)}`)),
      DEADLINE_MS,
    );
    const end = (error?: Error) => {
      clearTimeout(deadline);
      terminal.kill('SIGTERM');
      terminal.onExit(() => (error ? reject(error) : resolve(seen)));
    };
    terminal.onData((data) => {
      output += data;
      while (seen.length < texts.length && output.includes(texts[seen.length]!)) {
        seen.push(performance.now() - start);
        if (seen.length === texts.length) end();
      }
    });
  });
}
