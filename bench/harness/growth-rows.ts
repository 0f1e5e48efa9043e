import { linearFit, type Point, powerFit } from './fit.js';
import { figure, figureRow } from './rows.js';
import type { BenchRow } from './types.js';

/** A fitted growth as a row: its target is the exponent, at most. */
export function growthRow(row: {
  readonly what: string;
  readonly points: readonly Point[];
  /** What n counts, with the number that "a thousand" or "a million" stands for. */
  readonly of: { readonly name: string; readonly unit: number; readonly unitName: string };
  readonly atMost: number;
  readonly note?: string;
}): BenchRow {
  const { exponent } = powerFit(row.points);
  const { a, b } = linearFit(row.points);
  return {
    ...figureRow({
      what: row.what,
      sizes: `${row.points.map(({ n }) => figure(n / row.of.unit)).join(' · ')} ${row.of.unitName} ${row.of.name}`,
      unit: '',
      value: exponent,
      shown: `${row.points.map(({ y }) => figure(y)).join(' · ')} ms`,
      reference: `${figure(a)} ms + ${figure(b * row.of.unit)} ms a ${singular(row.of.unitName)}`,
      target: { atMost: row.atMost },
      ...(row.note ? { note: row.note } : {}),
    }),
    ratio: `n^${exponent.toFixed(2)}`,
    target: `≤ n^${row.atMost}`,
  };
}

const singular = (unitName: string): string => unitName || 'one';
