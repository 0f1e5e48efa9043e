import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const document = readFileSync(join(ROOT, 'docs/scale.md'), 'utf8');

/** All that the program can say, with line breaks as they are. */
const source = readdirSync(join(ROOT, 'source'), { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.tsx?$/.test(name))
  .map((name) => readFileSync(join(ROOT, 'source', name), 'utf8'))
  .join('\n');

/** The quoted words of the last column of the table of limits, cut at what differs from one time to another. */
function saidAtLimits(): string[] {
  const [, section = ''] = document.split('## Where it ends\n');
  const rows = section
    .split('\n## ')[0]!
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| limit'));
  return rows.flatMap((row) => {
    const said = row.split(' | ').at(-1) ?? '';
    return [...said.matchAll(/`([^`]+)`/g)].flatMap(([, words = '']) => words.split('…')).map((part) => part.trim());
  });
}

it('docs/scale.md quotes what the console says at its limits to the letter', () => {
  const parts = saidAtLimits().filter((part) => part.length > 3);
  expect(parts.length).toBeGreaterThan(10);
  expect(parts.filter((part) => !source.includes(part))).toEqual([]);
});
