import type { BenchMode, BenchRow } from './types.js';

/** What one measurement gave, or why it gave nothing. */
export interface BenchResult {
  readonly name: string;
  readonly title: string;
  readonly seconds: number;
  readonly rows: readonly BenchRow[];
  readonly failure?: string;
}

/** Where it ran, as far as the figures depend on it: no names, no paths. */
export interface Machine {
  readonly cores: number;
  readonly processor: string;
  readonly memoryGb: number;
  readonly node: string;
  readonly platform: string;
  readonly postgres: string;
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;

/** docs/benchmarks.md as a whole. */
export function markdown(results: readonly BenchResult[], machine: Machine, mode: BenchMode, date: string): string {
  const rows = results.flatMap((result) => result.rows);
  const count = (verdict: (text: string) => boolean) => rows.filter((row) => verdict(row.verdict)).length;
  return [
    '# Benchmarks',
    '',
    '<!-- Written by `npm run bench`; edits are lost. -->',
    '',
    `Run of ${date}${mode === 'normal' ? '' : ` with --${mode}`}: ${count((v) => v === 'met')} targets met, ` +
      `${count((v) => v.startsWith('missed'))} missed, ${count((v) => v === 'printed')} figures without a target.`,
    '',
    `Machine: ${machine.cores} cores (${machine.processor}), ${machine.memoryGb} GB, ${machine.platform}; Node ${machine.node}; ` +
      `PostgreSQL ${machine.postgres}, embedded, shared_buffers 1GB, 17 partitions × 32 indexes.`,
    '',
    'Times are medians with the 10th to 90th percentile in brackets. Each measurement and its reference take turns within one',
    'run, so the ratios hold where absolute times do not. The targets are those of product.md, "Numbers to reach".',
    'How it is measured: `bench/`, one file a measurement; `npm run bench -- NAME` runs one, `--list` names them.',
    ...results.flatMap((result) => ['', ...section(result)]),
    '',
  ].join('\n');
}

function section(result: BenchResult): string[] {
  if (result.failure) return [`## ${result.title}`, '', `Could not be measured: ${result.failure}`];
  const notes = result.rows.filter((row) => row.note);
  return [
    `## ${result.title}`,
    '',
    line(['measured', 'sizes', 'ours', 'reference', 'ratio', 'target', 'verdict']),
    '|---|---|---|---|---|---|---|',
    ...result.rows.map((row) =>
      line([row.what, row.sizes, row.ours, row.reference, row.ratio, row.target, row.verdict]),
    ),
    ...(notes.length > 0 ? ['', ...notes.map((row) => `- ${row.what}: ${row.note}`)] : []),
  ];
}

/** The same for a terminal, as it comes. */
export function plain(result: BenchResult): string {
  const head = `\n${result.title} (${result.name}, ${result.seconds.toFixed(0)} s)`;
  if (result.failure) return `${head}\n  could not be measured: ${result.failure}`;
  const lines = result.rows.map((row) =>
    [
      `  ${row.verdict === 'met' ? '✓' : row.verdict === 'printed' ? '·' : '✗'} ${row.what} [${row.sizes}]`,
      `      ${row.ours}${row.reference ? `  ${row.reference}` : ''}`,
      `      ${row.ratio}${row.target ? `  target ${row.target}: ${row.verdict}` : ''}${row.note ? `\n      ${row.note}` : ''}`,
    ].join('\n'),
  );
  return [head, ...lines].join('\n');
}
