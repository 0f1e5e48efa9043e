import { type Sample, sample } from './statistics.js';
import type { BenchRow } from './types.js';

/** Three significant figures, without an exponent. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en');
  return String(Number(value.toPrecision(3)));
}

/** Median and spread. */
export const spread = (of: Sample, unit: string): string =>
  of.values.length > 1
    ? `${figure(of.median)} ${unit} (${figure(of.p10)}–${figure(of.p90)})`
    : `${figure(of.median)} ${unit}`;

export type Target = { readonly atMost: number } | { readonly atLeast: number };

const targetText = (target: Target, unit: string): string =>
  'atMost' in target ? `≤ ${figure(target.atMost)}${unit}` : `≥ ${figure(target.atLeast)}${unit}`;

function verdictOn(value: number, target: Target): string {
  if ('atMost' in target) {
    return value <= target.atMost ? 'met' : `missed by ${figure((value / target.atMost - 1) * 100)} %`;
  }
  return value >= target.atLeast ? 'met' : `missed by ${figure((1 - value / target.atLeast) * 100)} %`;
}

/** The median only says whether a miss is one of single rounds. */
function verdictOfWorst(worst: number, median: number, target: Target): string {
  const verdict = verdictOn(worst, target);
  return verdict !== 'met' && verdictOn(median, target) === 'met' ? `${verdict} at worst, met by the median` : verdict;
}

/**
 * A row of two things that were read by turns: both samples have to come from the same rounds of interleave(). Its
 * target is met by its worst round, not by its median (product.md, "Numbers to reach"); without a target it is only
 * printed. The ratio is `ours` over `reference` where less is better (a time), and `reference` over `ours` where the
 * target says how many times faster: `times` is which.
 */
export function ratioRow(row: {
  what: string;
  sizes: string;
  unit: string;
  ours: Sample;
  reference: Sample;
  referenceName: string;
  target?: Target;
  times?: 'ours/reference' | 'reference/ours';
  note?: string;
}): BenchRow {
  const others = row.reference.values;
  if (others.length !== row.ours.values.length) throw new Error(`${row.what}: its samples are not of the same rounds`);
  const ratios = sample(
    row.ours.values.map((ours, round) =>
      row.times === 'reference/ours' ? others[round]! / ours : ours / others[round]!,
    ),
  );
  const isAtLeast = row.target ? 'atLeast' in row.target : row.times === 'reference/ours';
  const worst = isAtLeast ? Math.min(...ratios.values) : Math.max(...ratios.values);
  return {
    what: row.what,
    sizes: row.sizes,
    ours: spread(row.ours, row.unit),
    reference: `${row.referenceName}: ${spread(row.reference, row.unit)}`,
    ratio: others.length > 1 ? `${figure(ratios.median)} ×, at worst ${figure(worst)} ×` : `${figure(worst)} ×`,
    target: row.target ? targetText(row.target, ' ×') : '',
    verdict: row.target ? verdictOfWorst(worst, ratios.median, row.target) : 'printed',
    ...(row.note ? { note: row.note } : {}),
  };
}

/** A row whose target is a figure by itself; without a target it is only printed. */
export function figureRow(row: {
  what: string;
  sizes: string;
  unit: string;
  value: number;
  shown?: string;
  target?: Target;
  reference?: string;
  note?: string;
}): BenchRow {
  const value = `${figure(row.value)} ${row.unit}`;
  return {
    what: row.what,
    sizes: row.sizes,
    ours: row.shown ?? value,
    reference: row.reference ?? '',
    ratio: value,
    target: row.target ? targetText(row.target, ` ${row.unit}`) : '',
    verdict: row.target ? verdictOn(row.value, row.target) : 'printed',
    ...(row.note ? { note: row.note } : {}),
  };
}

/** A row that holds or does not, such as "the same set of executions". */
export function factRow(row: {
  what: string;
  sizes: string;
  holds: boolean;
  shown: string;
  expected: string;
}): BenchRow {
  return {
    what: row.what,
    sizes: row.sizes,
    ours: row.shown,
    reference: '',
    ratio: row.shown,
    target: row.expected,
    verdict: row.holds ? 'met' : 'missed',
  };
}
