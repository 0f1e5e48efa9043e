import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { bare, type Declaration, exportedBy } from './library-declarations.js';

const root = join(import.meta.dirname, '..');
export const SOURCE = join(root, 'source');

/** The two entries of the library, as files below source/. */
export const ENTRIES = ['client', 'index'] as const;

/** Emits the types of the library into a folder. */
export function emitTypes(folder: string): void {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.types.json'), '--outDir', folder]);
}

const INTRODUCTION = `# The library

<!-- Made from the docstrings by \`npm run library-docs\`; a test holds it up to date. -->

The package has two entries for programs, in ES modules and with their types:

| import | is |
|---|---|
| \`noetl-console/client\` | what the console does, for a program: list, stale, runaway, tree, describe, cancel, follow, cleanup |
| \`noetl-console\` | the guard for workers, which loads no database driver ([worker-guard.md](worker-guard.md)) |

\`\`\`ts
import { openClient } from 'noetl-console/client';

const client = openClient({ databaseUrl: process.env.DATABASE_URL });
const report = await client.cancel(['543857931469455628'], { cascade: true, reason: 'Detected infinite loop' });
const { allSettled } = await client.follow(report, { timeoutMs: 60_000 });
await client.close();
\`\`\`

[examples/](../examples) holds whole programs, which the tests run: [cancel a tree and wait for the proof](../examples/cancel-tree.ts),
[a nightly cleanup](../examples/nightly-cleanup.ts), [report what falls silent](../examples/watch-stale.ts), [a guarded
worker](../examples/guarded-worker.ts). Node 22.18 and later run them as they are; Node 20 does with \`npx tsx\`.

**Versions.** The surface is what this page lists: the names that the two entries export, their types, and what their
docstrings promise. It follows semantic versioning: a major version may take something away or change its meaning (while the
version is below 1.0, a minor one), a minor version adds, and a patch changes neither. A new field of a report, a new optional
setting, and a new word in a list of codes or kinds are additions, so give a \`switch\` over them a default. The wording of
messages and sentences is not part of the surface. Nothing else in the package may be imported.

**Text.** Paths, names, reasons and sentences come from the database as they are; pass them through \`visibleText\` before they
reach a terminal.

**Errors.** Each failure is an instance of one of the classes under "Errors". \`StoreError.kind\` says what to do, and
\`retryable\` whether the same call may succeed a moment later.
`;

type Group = readonly [title: string, belongs: (declaration: Declaration) => boolean];

/** Each declaration stands in the first group that it belongs to. */
const GROUPS: readonly Group[] = [
  ['The client', ({ name }) => name === 'openClient' || name === 'NoetlClient'],
  ['Functions', ({ kind, text }) => kind === 'function' || (kind === 'const' && text.includes('=>'))],
  ['Errors', ({ kind, name }) => kind === 'class' || name.endsWith('ErrorKind')],
  ['Options', ({ name }) => /(Options|Criteria)$/.test(name)],
  ['Words and defaults', ({ kind }) => kind === 'const'],
  ['Types', () => true],
];

/** docs/library.md, from the emitted types and the sources. */
export function libraryDocument(types: string): string {
  const parts = [INTRODUCTION];
  const before = new Set<string>();
  for (const entry of ENTRIES) {
    const open = [...exportedBy(entry, SOURCE, types).values()].filter(({ name }) => !before.has(name));
    for (const { name } of open) before.add(name);
    parts.push(`## \`noetl-console${entry === 'index' ? '' : `/${entry}`}\`\n`);
    const placed = new Set<Declaration>();
    for (const [title, belongs] of GROUPS) {
      const own = open.filter((declaration) => !placed.has(declaration) && belongs(declaration));
      for (const declaration of own) placed.add(declaration);
      if (own.length === 0) continue;
      own.sort((a, b) => a.name.localeCompare(b.name, 'en'));
      parts.push(`### ${title}\n`, ...own.map(sectionOf));
    }
  }
  return `${parts
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trimEnd()}\n`;
}

function sectionOf(declaration: Declaration): string {
  const { name } = declaration;
  const [text, doc] = [withoutSources(declaration.text), withoutSources(declaration.doc)];
  const head = `#### \`${name}\`\n\n${proseOf(doc)}`;
  return name === 'NoetlClient' ? `${head}${membersOf(text)}` : `${head}${code(text)}`;
}

/** The members of an interface one by one, each with its docstring as prose; overloads share the docstring before them. */
function membersOf(text: string): string {
  const members = [...text.matchAll(/ {2}\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n((?: {2}(?!\/\*\*).*\n)+)/g)];
  return members
    .map(([, doc, signatures]) => {
      const own = signatures!.replace(/^ {2}/gm, '').trimEnd();
      const name = /^(?:readonly )?(\w+)/.exec(own)?.[1];
      return `##### \`${name}\`\n\n${proseOf(bare(doc!))}${code(own)}`;
    })
    .join('');
}

const code = (text: string): string => `\`\`\`ts\n${text}\n\`\`\`\n\n`;

/**
 * Without what only those who change the program can follow: which page of the specification a rule comes from.
 */
const withoutSources = (text: string): string =>
  text
    .replace(/\s*\((?:product|event-store)\.md[^)]*\)/g, '')
    .replace(/(?:\n \*)?\s*Sources?: (?:product|event-store)\.md(?:, "[^"]*")?(?: \([^)]*\))?[^.;]*\./g, '');

/** Lines of one paragraph belong together; `@throws` and `@param` begin a paragraph of their own. */
function proseOf(doc: string): string {
  const paragraphs = doc
    .replace(/\s*@throws /g, '\n\n**Throws** ')
    .replace(/\s*@param (\w+)/g, '\n\n`$1`:')
    .split(/\n{2,}/)
    .map((paragraph) => paragraph.trim())
    .filter((paragraph) => paragraph !== '');
  return paragraphs.map((paragraph) => `${paragraph}\n\n`).join('');
}
