import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** The built program; `npm run bench` has built it. */
export const PROGRAM = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

/** The environment of an ordinary shell: nothing of this process's own loaders, connections or colours. */
export function cleanEnvironment(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const { PATH, HOME, LANG } = process.env;
  return { PATH, HOME, LANG, TERM: 'xterm-256color', ...extra };
}

/**
 * Milliseconds from the start of a Node process to its end.
 * @throws when it ends with another code than 0, with what it said.
 */
export async function timeProcess(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<number> {
  const start = performance.now();
  const child = spawn(process.execPath, [...args], { env: cleanEnvironment(env), stdio: ['ignore', 'ignore', 'pipe'] });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    complaint += chunk;
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  const took = performance.now() - start;
  if (code !== 0) throw new Error(`${args.at(0)} ended with ${code}: ${complaint.trim()}`);
  return took;
}
