import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';

const UI = resolve(import.meta.dirname, '../../source/ui');
/** Turns of phrase that a reader has to translate; none may stand in a text that the console shows. */
const BANNED =
  /\b(nobody|mend|told|tells?|dear|still to end|by itself|once more|sub-executions?|sub-playbooks?|jobs?|is no (?!longer)\w+|turned? round|woke)\b|\(s\)/i;
/** Quoted or template text with a space in it: prose, unlike ids, kinds and import paths. */
const TEXTS = /'((?:[^'\\\n]|\\.)* (?:[^'\\\n]|\\.)*)'|`((?:[^`\\\n]|\\.)* (?:[^`\\\n]|\\.)*)`|"([^"\n]* [^"\n]*)"/g;

it('shows no text in a dialect of our own', () => {
  const files = readdirSync(UI, { recursive: true, encoding: 'utf8' }).filter((name) => /\.tsx?$/.test(name));
  const found = files.flatMap((name) => {
    const code = readFileSync(join(UI, name), 'utf8')
      .replace(/\/\*[\s\S]*?\*\//g, '')
      .replace(/(^|\s)\/\/.*$/gm, '');
    return [...code.matchAll(TEXTS)]
      .map((match) => (match[1] ?? match[2] ?? match[3] ?? '').replace(/\$\{[^}]*\}/g, ' '))
      .filter((text) => BANNED.test(text))
      .map((text) => `${name}: ${text}`);
  });
  expect(files.length).toBeGreaterThan(50);
  expect(found).toEqual([]);
});
