import type { PartResult } from './run.js';

const HEAD = ['part', 'what was tried', 'how often', 'seed', 'lost', 'doubled', 'misreported', 'broken', 'seconds'];

function cells({ part, seed, tally, seconds }: PartResult): string[] {
  const { lost, doubled, misreported, broken } = tally.damage;
  const numbers = tally.skipped === null ? [lost, doubled, misreported, broken].map(String) : ['–', '–', '–', '–'];
  const often = tally.skipped === null ? tally.howOften : `SKIPPED: ${tally.skipped}`;
  return [part.name, part.what, often, String(seed), ...numbers, seconds.toFixed(0)];
}

/** One line a part, and below it the first of what it found. */
export function plainRow(result: PartResult): string {
  const [name = '', what = '', often = '', seed, lost, doubled, misreported, broken, seconds] = cells(result);
  const { failures, examples, skipped } = result.tally;
  const verdict = skipped !== null ? 'skipped' : failures === 0 ? 'ok' : 'FAILED';
  const line = `${verdict.padEnd(8)}${name.padEnd(14)}lost ${lost}, doubled ${doubled}, misreported ${misreported}, broken ${broken}; seed ${seed}; ${seconds} s`;
  return [line, `        ${what}`, `        ${often}`, ...examples.map((each) => `        ! ${each}`)].join('\n');
}

/** The table of docs/reliability.md. */
export function markdownTable(results: readonly PartResult[]): string {
  const row = (columns: readonly string[]) => `| ${columns.map((each) => each.replaceAll('|', '\\|')).join(' | ')} |`;
  return [row(HEAD), row(HEAD.map(() => '---')), ...results.map((result) => row(cells(result)))].join('\n');
}
