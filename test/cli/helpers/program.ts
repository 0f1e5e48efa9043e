import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Metafile } from 'esbuild';

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));

/** The program, bundled as the build does it, but with the packages left outside: that takes half a second. */
export interface BuiltProgram {
  readonly entry: string;
  readonly metafile: Metafile;
  remove(): Promise<void>;
}

export async function buildProgram(): Promise<BuiltProgram> {
  // Below node_modules, so that the packages are found from there.
  const cache = join(root, 'node_modules', '.cache');
  await mkdir(cache, { recursive: true });
  const outdir = await mkdtemp(join(cache, 'noetl-console-test-'));
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: { cli: 'source/cli.ts', index: 'source/index.ts', client: 'source/client.ts' },
    outdir,
    bundle: true,
    splitting: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20',
    jsx: 'automatic',
    metafile: true,
    define: { NOETL_CONSOLE_VERSION: '"0.0.0-test"' },
    logLevel: 'error',
  });
  return { entry: join(outdir, 'cli.js'), metafile, remove: () => rm(outdir, { recursive: true, force: true }) };
}

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** What standard input holds; empty and closed unless told. */
  readonly stdin?: string;
  readonly onStart?: (child: ChildProcess) => void;
  readonly onStdout?: (text: string, child: Pick<ChildProcess, 'kill'>) => void;
}

/** Variables that would give the program another database or another look than the test means. */
export const HIDDEN = /^(DATABASE_URL|PG|POSTGRES_|NOETL_|NO_COLOR|FORCE_COLOR|COLUMNS)/;

/** Runs the program to its end. */
export function runProgram(
  program: Pick<BuiltProgram, 'entry'>,
  argv: readonly string[],
  { env = {}, stdin = '', onStart, onStdout }: RunOptions = {},
): Promise<Outcome> {
  const inherited = Object.entries(process.env).filter(([name]) => !HIDDEN.test(name));
  const child = spawn(process.execPath, [program.entry, ...argv], {
    env: { ...Object.fromEntries(inherited), ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const out = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      out[name] += text;
      if (name === 'stdout') onStdout?.(out.stdout, child);
    });
  }
  // A program that ends without reading its input must not end the test.
  child.stdin.on('error', () => {});
  child.stdin.end(stdin);
  onStart?.(child);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, ...out }));
  });
}
