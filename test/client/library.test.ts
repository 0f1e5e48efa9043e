import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportedBy, packagesBehind } from '../../scripts/library-declarations.js';
import { ENTRIES, emitTypes, libraryDocument, SOURCE } from '../../scripts/library-document.js';

const ROOT = resolve(import.meta.dirname, '../..');
/** Below node_modules, so that @types/node is found from there. */
const CACHE = join(ROOT, 'node_modules', '.cache');

let consumer: string;
let types: string;
beforeAll(() => {
  mkdirSync(CACHE, { recursive: true });
  consumer = mkdtempSync(join(CACHE, 'noetl-console-consumer-'));
  const installed = join(consumer, 'node_modules', 'noetl-console');
  types = join(installed, 'dist', 'types');
  mkdirSync(types, { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(installed, 'package.json'));
  emitTypes(types);
});
afterAll(() => rmSync(consumer, { recursive: true, force: true }));

describe('the surface of the library', () => {
  it('is what docs/library.md says (npm run library-docs)', () => {
    const written = readFileSync(join(ROOT, 'docs/library.md'), 'utf8');
    expect(libraryDocument(types)).toBe(written);
    for (const method of ['list', 'stale', 'describe', 'cancel', 'follow', 'cleanup']) {
      expect(written).toContain(`##### \`${method}\``);
    }
  });

  it.each(ENTRIES)(
    'has a docstring for each export, and exports each type that appears in another one: %s',
    (entry) => {
      const exported = exportedBy(entry, SOURCE, types);
      expect(exported.size).toBeGreaterThan(20);
      const all = [...exported.values()];
      expect(all.filter(({ doc }) => doc === '').map(({ name }) => name)).toEqual([]);
      const missing = all.flatMap(({ name, mentions }) =>
        [...mentions]
          .filter((mentioned) => !exported.has(mentioned))
          .map((mentioned) => `${name} mentions ${mentioned}`),
      );
      expect(missing).toEqual([]);
    },
  );

  it.each(ENTRIES)('has types that need no other package: %s', (entry) => {
    expect(packagesBehind(entry, types)).toEqual([]);
  });
});

describe('the examples', () => {
  it('compile against the package as it is installed, its types checked too', () => {
    cpSync(join(ROOT, 'examples'), join(consumer, 'examples'), { recursive: true });
    expect(readdirSync(join(consumer, 'examples')).length).toBeGreaterThanOrEqual(4);
    const compilerOptions = {
      target: 'ES2022',
      lib: ['ES2023'],
      module: 'NodeNext',
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      types: ['node'],
      noEmit: true,
    };
    writeFileSync(join(consumer, 'package.json'), '{"type":"module"}');
    writeFileSync(join(consumer, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['examples'] }));
    // A wrong use is an error, so the compiler has seen the types; where there were none, this line would be the error.
    const wrong = '// @ts-expect-error\nopenClient({ databaseUrl: 5432 });\n';
    writeFileSync(
      join(consumer, 'examples', 'wrong.ts'),
      `import { openClient } from 'noetl-console/client';\n${wrong}`,
    );
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    expect(spawnSync(process.execPath, [tsc, '-p', consumer], { encoding: 'utf8' })).toMatchObject({
      stdout: '',
      status: 0,
    });
  });
});
