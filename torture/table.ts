import type { PartResult } from './run.js';

const HEAD = [
  'part',
  'what was tried',
  'how often',
  'seed',
  'lost',
  'doubled',
  'misreported',
  'broken',
  'seconds',
  'run on',
];

function cells({ part, seed, tally, seconds }: PartResult): string[] {
  const { lost, doubled, misreported, broken } = tally.damage;
  const numbers = tally.skipped === null ? [lost, doubled, misreported, broken].map(String) : ['–', '–', '–', '–'];
  const often = tally.skipped === null ? tally.howOften : `SKIPPED: ${tally.skipped}`;
  const today = new Date().toISOString().slice(0, 10);
  return [part.name, part.what, often, String(seed), ...numbers, seconds.toFixed(0), today];
}

/** One line a part, and below it the first of what it found. */
export function plainRow(result: PartResult): string {
  const [name = '', what = '', often = '', seed, lost, doubled, misreported, broken, seconds] = cells(result);
  const { failures, examples, skipped } = result.tally;
  const verdict = skipped !== null ? 'skipped' : failures === 0 ? 'ok' : 'FAILED';
  const line = `${verdict.padEnd(8)}${name.padEnd(14)}lost ${lost}, doubled ${doubled}, misreported ${misreported}, broken ${broken}; seed ${seed}; ${seconds} s`;
  return [line, `        ${what}`, `        ${often}`, ...examples.map((each) => `        ! ${each}`)].join('\n');
}

const row = (columns: readonly string[]): string =>
  `| ${columns.map((each) => each.replaceAll('|', '\\|')).join(' | ')} |`;
const partOf = (line: string): string | undefined => /^\| (\S+) \|/.exec(line)?.[1];

/** The table of docs/reliability.md. */
export function markdownTable(results: readonly PartResult[]): string {
  return [row(HEAD), row(HEAD.map(() => '---')), ...results.map((result) => row(cells(result)))].join('\n');
}

/** A text that holds the table, with the rows of these parts made anew. Throws where it has no row for one of them. */
export function withRows(text: string, results: readonly PartResult[]): string {
  const lines = text.split('\n');
  for (const result of results) {
    const at = lines.findIndex((line) => partOf(line) === result.part.name);
    if (at === -1) throw new Error(`the table has no row for ${result.part.name}: run everything with --write first`);
    lines[at] = row(cells(result));
  }
  return lines.join('\n');
}
