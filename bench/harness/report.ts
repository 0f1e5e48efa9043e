import type { BenchRow } from './types.js';

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

/** What the head of docs/benchmarks.md sums up. */
export interface Summary {
  /** When each section was measured, YYYY-MM-DD. */
  readonly dates: readonly string[];
  readonly met: number;
  readonly missed: number;
  readonly printed: number;
}

/** The lines of docs/benchmarks.md before its sections. */
export function head({ dates, met, missed, printed }: Summary, machine: Machine): string[] {
  const days = [...new Set(dates)].sort();
  const run = days.length > 1 ? `Sections of ${days.join(', ')}` : `Run of ${days[0] ?? 'no measurement'}`;
  return [
    '# Benchmarks',
    '',
    '<!-- Written by `npm run bench`; edits are lost. -->',
    '',
    `${run}: ${met} targets met, ${missed} missed, ${printed} figures without a target.`,
    '',
    `Machine: ${machine.cores} cores (${machine.processor}), ${machine.memoryGb} GB, ${machine.platform}; Node ${machine.node}; ` +
      `PostgreSQL ${machine.postgres}, embedded, shared_buffers 1GB, 17 partitions × 32 indexes.`,
    '',
    'Times are medians with the 10th to 90th percentile in brackets. Each measurement and its reference take turns within one',
    'run, so the ratios hold where absolute times do not. The targets are those of product.md, "Numbers to reach": a ratio meets',
    'its target by its worst round, not by its median; both are shown.',
    'How it is measured: `bench/`, one file a measurement; `npm run bench -- NAME` runs one, with `--update` it replaces its',
    'section here, `--list` names them.',
  ];
}

const minutes = (seconds: number): string => `${(seconds / 60).toFixed(1)} minutes`;

/** A measurement's own part of docs/benchmarks.md. */
export function section(result: BenchResult, { date, mode }: { date: string; mode: string }): string[] {
  const measured = `Measured on ${date}${mode === 'normal' ? '' : ` with --${mode}`} in ${minutes(result.seconds)}.`;
  const top = [`## ${result.title}`, '', measured, ''];
  if (result.failure) return [...top, `Could not be measured: ${oneLine(result.failure)}`];
  if (result.rows.length === 0) return [...top, 'Not measured on this machine.'];
  const notes = result.rows.filter((row) => row.note);
  return [
    ...top,
    line(['measured', 'sizes', 'ours', 'reference', 'ratio', 'target', 'verdict']),
    '|---|---|---|---|---|---|---|',
    ...result.rows.map((row) =>
      line([row.what, row.sizes, row.ours, row.reference, row.ratio, row.target, row.verdict]),
    ),
    ...(notes.length > 0 ? ['', ...notes.map((row) => `- ${row.what}: ${row.note}`)] : []),
  ];
}

const oneLine = (text: string): string => text.replaceAll(/\s*\n\s*/g, ' ');

/** The same for a terminal, as it comes. */
export function plain(result: BenchResult): string {
  const heading = `\n${result.title} (${result.name}, ${minutes(result.seconds)})`;
  if (result.failure) return `${heading}\n  could not be measured: ${result.failure}`;
  const lines = result.rows.map((row) =>
    [
      `  ${row.verdict === 'met' ? '✓' : row.verdict === 'printed' ? '·' : '✗'} ${row.what} [${row.sizes}]`,
      `      ${row.ours}${row.reference ? `  ${row.reference}` : ''}`,
      `      ${row.ratio}${row.target ? `  target ${row.target}: ${row.verdict}` : ''}${row.note ? `\n      ${row.note}` : ''}`,
    ].join('\n'),
  );
  return [heading, ...lines].join('\n');
}
