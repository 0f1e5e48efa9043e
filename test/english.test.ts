import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const SOURCE = resolve(import.meta.dirname, '../source');
const ROOMS = ['cli', 'client', 'demo', 'domain', 'guard', 'http', 'noetl-server', 'service', 'store', 'text', 'ui'];

/** Turns of phrase that no reader should have to translate, and what to write instead. */
const BANNED: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [/\bnobody\b/i, 'no one, no worker, none'],
  [/\b(tells?|told)\b/i, 'shows, reports, lists'],
  [/\bmend(s|ed)?\b/i, 'fix'],
  [/\bdear(er|est)?\b/i, 'expensive'],
  [/\bby (itself|themselves)\b/i, 'automatically, by default, alone'],
  [/\bstill to end\b/i, 'not ended'],
  [/(?<!\bthere )\b(is|are) no (?!longer|one\b)/i, 'is not a valid …'],
  [/\bthere is nothing\b/i, 'no …'],
  [/\bturn(ed|s)? round\b/i, 'reverse'],
  [/\bonce more\b/i, 'again'],
  [/\bw[oa]kes? up\b/i, 'resumed'],
  [/\bleft alone\b/i, 'skipped'],
  [/(?<!execution)\(s\)/, 'a real plural (text/plural)'],
];

/** String and template literals of a source text with their lines; comments and imports are left out. */
function literalsOf(text: string): { line: number; literal: string }[] {
  const found: { line: number; literal: string }[] = [];
  let at = 0;
  const lineAt = (offset: number): number => text.slice(0, offset).split('\n').length;

  function template(): void {
    const begin = ++at;
    let literal = '';
    for (; at < text.length && text[at] !== '`'; at++) {
      if (text[at] === '\\') literal += text[at++];
      else if (text.startsWith('${', at)) {
        at += 2;
        code('}');
        literal += '…';
        continue;
      }
      literal += text[at] ?? '';
    }
    found.push({ line: lineAt(begin), literal });
  }

  /** Reads code up to a closing bracket that was opened before it, or to the end of the text. */
  function code(end: '}' | null): void {
    for (let depth = 0; at < text.length; at++) {
      const quoted = /^'(?:[^'\\\n]|\\.)*'|^"(?:[^"\\\n]|\\.)*"/.exec(text.slice(at, at + 2000));
      const passed =
        /^\/\/[^\n]*|^\/\*[\s\S]*?\*\/|^\/(?![\s/*])(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*(?=[\s.,;)\]])/.exec(
          text.slice(at, at + 10_000),
        );
      if (quoted) {
        found.push({ line: lineAt(at), literal: quoted[0].slice(1, -1) });
        at += quoted[0].length - 1;
      } else if (passed) at += passed[0].length - 1;
      else if (text[at] === '`') template();
      else if (text[at] === '{') depth += 1;
      else if (text[at] === '}' && end !== null && depth-- === 0) return;
    }
  }

  code(null);
  return found.filter(({ literal }) => !/^(\.{1,2}\/|node:)/.test(literal));
}

const isSql = (literal: string): boolean => /^\s*(SELECT|INSERT|WITH|DECLARE|CREATE|SET|BEGIN)\b/.test(literal);

/** What a reader sees that is banned, without SQL and without words that stand alone (names, keys, codes). */
const oddities = (text: string): string[] =>
  literalsOf(text)
    .filter(({ literal }) => literal.includes(' ') && !isSql(literal))
    .flatMap(({ line, literal }) =>
      BANNED.filter(([pattern]) => pattern.test(literal)).map(
        ([, instead]) => `${line}: ${JSON.stringify(literal)} (${instead})`,
      ),
    );

describe('strings that a user sees', () => {
  it('are found in quotes, templates and the templates inside them, and not in comments', () => {
    const text = [
      '// nobody is told',
      "const a = 'nobody is told';",
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a template is what is read here
      "const b = `${c ? `it is no id` : ''} and mends itself`;",
      '/* by itself */ const d = /nobody is/.test(e);',
      "import f from './nobody is.js';",
    ].join('\n');
    expect(oddities(text).map((each) => each.split(' (')[0])).toEqual([
      '2: "nobody is told"',
      '2: "nobody is told"',
      '3: "it is no id"',
      '3: "… and mends itself"',
    ]);
    expect(oddities("say('Cancelled 2 execution(s)'); say('2 descendant(s) ended');")).toHaveLength(1);
  });

  it.each(ROOMS)('use none of the banned turns in %s', (room) => {
    const folder = join(SOURCE, room);
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /\.tsx?$/.test(name));
    expect(files.length).toBeGreaterThan(0);
    const found = files.flatMap((name) =>
      oddities(readFileSync(join(folder, name), 'utf8')).map(
        (each) => `${relative(SOURCE, join(folder, name))}:${each}`,
      ),
    );
    expect(found).toEqual([]);
  });
});

describe('comments and docstrings', () => {
  /** Lines of comments, as biome formats them: alone on a line, or behind code. */
  const commentsOf = (text: string): { line: number; comment: string }[] =>
    text.split('\n').flatMap((line, at) => {
      const [, comment] = /^\s*(?:\/\/|\/?\*+)(?:\s|$)(.*)/.exec(line) ?? /\s\/\/ (.*)$/.exec(line) ?? [];
      return comment === undefined ? [] : [{ line: at + 1, comment }];
    });

  it('are told from code', () => {
    const text = "/** By itself. */\nconst url = 'http://nobody'; // it is told\n * is no id\nconst nobody = 1;";
    expect(commentsOf(text).map(({ comment }) => comment)).toEqual(['By itself. */', 'it is told', 'is no id']);
  });

  it.each(ROOMS)('use none of the banned turns in %s', (room) => {
    const folder = join(SOURCE, room);
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /\.tsx?$/.test(name));
    const found = files.flatMap((name) =>
      commentsOf(readFileSync(join(folder, name), 'utf8')).flatMap(({ line, comment }) =>
        BANNED.filter(([pattern]) => pattern.test(comment)).map(
          ([, instead]) => `${room}/${name}:${line}: ${comment} (${instead})`,
        ),
      ),
    );
    expect(found).toEqual([]);
  });
});
