import type { Demo } from '../demo/demo.js';
import type { Flags } from './args/parsed-flags.js';
import type { Environment } from './config/environment.js';
import type { Terminal } from './output/terminal.js';

/** The demo that a command works on. */
export interface CommandDemo {
  readonly url: string;
  readonly schema: string;
  readonly seed: number;
  /** True when it was started for this command, and `stop` ends it. */
  readonly startedHere: boolean;
  stop(): Promise<void>;
}

const SCHEMA = 'noetl';
const MAX_SEED = 2 ** 31 - 1;

interface DemoRequest {
  readonly flags: Flags;
  readonly terminal: Terminal;
}

/** True under `npm start`: without a connection the console opens the demo, and does not ask. */
export const demoIsFirstRun = (env: Environment): boolean => env.NOETL_CONSOLE_FIRST_RUN === 'demo';

/**
 * The demo that is registered as running, else one of this command's own. A folder asked for means one of its own: what
 * runs already has its files elsewhere. Of a configured database nothing is read here.
 */
export async function demoForCommand(request: DemoRequest): Promise<CommandDemo> {
  const seed = seedOf(request.flags);
  const { findRunningDemo } = await import('../demo/running-demo.js');
  const running = request.flags.has('demo-dir') ? null : await findRunningDemo(seed === undefined ? {} : { seed });
  if (running) {
    return {
      url: running.databaseUrl,
      schema: SCHEMA,
      seed: running.seed,
      startedHere: false,
      stop: async () => {},
    };
  }
  return ownDemo(request);
}

/** A new demo, whatever else is running. */
export async function ownDemo({ flags, terminal }: DemoRequest): Promise<CommandDemo> {
  const directory = flags.text('demo-dir');
  const { DEFAULT_SEED, startDemo } = await import('../demo/demo.js');
  terminal.progress('Starting the demo: PostgreSQL, tables, history, engine…');
  const demo: Demo = await startDemo({
    seed: seedOf(flags) ?? DEFAULT_SEED,
    schema: SCHEMA,
    directory,
  });
  terminal.progress('');
  return { url: demo.databaseUrl, schema: SCHEMA, seed: demo.seed, startedHere: true, stop: () => demo.stop() };
}

/** Lets `--demo` in other terminals find this one; null when another demo is registered already. */
export async function announceDemo(demo: CommandDemo): Promise<(() => void) | null> {
  const { registerDemo } = await import('../demo/running-demo.js');
  return registerDemo({ databaseUrl: demo.url, seed: demo.seed });
}

const seedOf = (flags: Flags): number | undefined => flags.integer('seed', { least: 0, most: MAX_SEED });
