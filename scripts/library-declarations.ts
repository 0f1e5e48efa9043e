import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A declaration that an entry of the library exports. */
export interface Declaration {
  readonly name: string;
  readonly kind: 'function' | 'const' | 'class' | 'interface' | 'type';
  /** The text of its docstring without the comment's marks; empty where it has none. */
  readonly doc: string;
  /** Without `export` and `declare`. */
  readonly text: string;
  /** Names of the library's own types and constants that the text mentions. */
  readonly mentions: ReadonlySet<string>;
}

const HEAD = /^(?:export )?(?:declare )?(?:abstract )?(function|const|class|interface|type) (\w+)/;

/**
 * What an entry exports, by name, in the entry's order. Functions, classes and constants are taken from the emitted
 * declarations (their bodies are gone there), interfaces and types from the source, where the formatter has been at work.
 *
 * @param source the folder of the sources; @param types the folder of the emitted .d.ts files.
 */
export function exportedBy(entry: string, source: string, types: string): Map<string, Declaration> {
  const found = new Map<string, Declaration>();
  for (const [, names, from] of read(join(types, `${entry}.d.ts`)).matchAll(EXPORTED)) {
    const file = join(dirname(entry), from!.replace(/\.js$/, ''));
    for (const name of namesIn(names!)) found.set(name, declarationOf(name, file, source, types));
  }
  return found;
}

/**
 * Packages that the emitted declarations of an entry need, each with the files that lead there. An `@internal` on the
 * declaration that makes the first wrong step keeps it, and with it the import, out of the emitted types.
 */
export function packagesBehind(entry: string, types: string): string[] {
  const packages: string[] = [];
  const cameFrom = new Map<string, string | null>([[entry, null]]);
  for (const [file] of cameFrom) {
    for (const [, target] of read(join(types, `${file}.d.ts`)).matchAll(/(?:from |import\()['"]([^'"]+)['"]/g)) {
      const next = join(dirname(file), target!.replace(/\.js$/, ''));
      if (!target!.startsWith('.')) packages.push(wayTo(file, cameFrom, target!));
      else if (!cameFrom.has(next)) cameFrom.set(next, file);
    }
  }
  return packages;
}

const wayTo = (file: string, cameFrom: ReadonlyMap<string, string | null>, way: string): string => {
  const before = cameFrom.get(file) ?? null;
  return before === null ? `${file} → ${way}` : wayTo(before, cameFrom, `${file} → ${way}`);
};

const EXPORTED = /^export (?:type )?\{([^}]*)\} from '([^']+)';/gm;
const IMPORTED = /^import (?:type )?\{([^}]*)\} from '[^']+';/gm;

const read = (path: string): string => readFileSync(path, 'utf8');
const namesIn = (list: string): string[] => list.split(',').flatMap((each) => each.match(/(\w+)\s*$/)?.[1] ?? []);

function declarationOf(name: string, file: string, source: string, types: string): Declaration {
  const emitted = read(join(types, `${file}.d.ts`));
  const inTypes = find(name, emitted);
  // Re-exported from where it really is.
  if (!inTypes) {
    const via = [...emitted.matchAll(EXPORTED), ...emitted.matchAll(/^import (?:type )?\{([^}]*)\} from '([^']+)';/gm)];
    const next = via.find(([, names]) => namesIn(names!).includes(name));
    if (!next) throw new Error(`${name} is exported, but ${file} does not declare it`);
    return declarationOf(name, join(dirname(file), next[2]!.replace(/\.js$/, '')), source, types);
  }
  const isTyping = inTypes.kind === 'interface' || inTypes.kind === 'type';
  const written = [`${file}.ts`, `${file}.tsx`].map((path) => join(source, path)).find(existsSync);
  const inSource = isTyping && written !== undefined ? find(name, read(written)) : null;
  // The emitter indents by four, and puts the comments of parameters that are fields on lines of their own.
  const emittedText = inTypes.text
    .replace(/^( {4})+/gm, (space) => ' '.repeat(space.length / 2))
    .replace(/([,(]) ?\n *\/\*\*[^*]*\*\/\n */g, (_, mark) => (mark === ',' ? ', ' : mark));
  const own = inSource ?? { ...inTypes, text: emittedText };
  const known = new Set([...emitted.matchAll(IMPORTED)].flatMap(([, names]) => namesIn(names!)));
  for (const line of emitted.split('\n')) {
    const local = HEAD.exec(line)?.[2];
    if (local !== undefined && local !== name) known.add(local);
  }
  const words = own.text.replace(/\/\*[\s\S]*?\*\//g, '').match(/\b[A-Z]\w*/g) ?? [];
  return { name, ...own, mentions: new Set(words.filter((word) => known.has(word))) };
}

function find(name: string, text: string): Omit<Declaration, 'name' | 'mentions'> | null {
  const lines = text.split('\n');
  const first = lines.findIndex((line) => HEAD.exec(line)?.[2] === name);
  if (first < 0) return null;
  const kind = HEAD.exec(lines[first]!)![1] as Declaration['kind'];
  const start = lines.slice(0, first).join('\n').length + (first > 0 ? 1 : 0);
  const comment = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n$/.exec(text.slice(0, start));
  return {
    kind,
    doc: comment ? bare(comment[1]!) : '',
    text: statementAt(text, start, kind)
      .replace(/^export /, '')
      .replace(/^declare /, ''),
  };
}

/** From a declaration's beginning to its end: the closing brace of a body, or the semicolon outside of all brackets. */
function statementAt(text: string, start: number, kind: Declaration['kind']): string {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const passed = /^(?:\/\*[\s\S]*?\*\/|\/\/[^\n]*|'[^'\n]*'|"[^"\n]*")/.exec(text.slice(at, at + 4000));
    if (passed) at += passed[0].length - 1;
    else if ('{([<'.includes(text[at]!)) depth += 1;
    else if ('})]>'.includes(text[at]!) && text.slice(at - 1, at + 1) !== '=>') {
      depth -= 1;
      if (depth === 0 && text[at] === '}' && (kind === 'interface' || kind === 'class'))
        return text.slice(start, at + 1);
    } else if (depth === 0 && text[at] === ';') return text.slice(start, at + 1);
  }
  throw new Error('a declaration has no end');
}

/** A comment's text without its stars. */
export const bare = (comment: string): string =>
  comment
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, '').trimEnd())
    .join('\n')
    .trim();
