import { type CostLaw, type Point, powerFit } from './fit.js';
import { figure, figureRow } from './rows.js';
import type { BenchRow } from './types.js';

/** A fitted growth as a row: its target is the exponent, at most. */
export function growthRow(row: {
  readonly what: string;
  readonly points: readonly Point[];
  /** What n counts, with the number that "a thousand" or "a million" stands for. */
  readonly of: { readonly name: string; readonly unit: number; readonly unitName: string };
  readonly atMost: number;
  readonly law: (points: readonly Point[], unit: number) => CostLaw;
  readonly note?: string;
}): BenchRow {
  const { exponent } = powerFit(row.points);
  return {
    ...figureRow({
      what: row.what,
      sizes: `${row.points.map(({ n }) => figure(n / row.of.unit)).join(' · ')} ${row.of.unitName} ${row.of.name}`,
      unit: '',
      value: exponent,
      shown: `${row.points.map(({ y }) => figure(y)).join(' · ')} ms`,
      reference: `fitted: ${row.law(row.points, row.of.unit).text}`,
      target: { atMost: row.atMost },
      ...(row.note ? { note: row.note } : {}),
    }),
    ratio: `n^${exponent.toFixed(2)}`,
    target: `≤ n^${row.atMost}`,
  };
}
