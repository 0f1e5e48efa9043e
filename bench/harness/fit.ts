/** A reading at a size. */
export interface Point {
  readonly n: number;
  readonly y: number;
}

/** y = a + b·n */
export interface LinearFit {
  readonly a: number;
  readonly b: number;
}

/** y = constant · n^exponent */
export interface PowerFit {
  readonly exponent: number;
  readonly constant: number;
}

/** Weighted least squares of a line. */
function line(points: readonly { x: number; y: number; weight: number }[]): LinearFit {
  const total = (of: (point: { x: number; y: number; weight: number }) => number) =>
    points.reduce((sum, point) => sum + of(point), 0);
  const weights = total(({ weight }) => weight);
  const meanX = total(({ x, weight }) => weight * x) / weights;
  const meanY = total(({ y, weight }) => weight * y) / weights;
  const b =
    total(({ x, y, weight }) => weight * (x - meanX) * (y - meanY)) /
    total(({ x, weight }) => weight * (x - meanX) ** 2);
  return { a: meanY - b * meanX, b };
}

/** Least squares on the logarithms: every doubling of n counts alike. */
export function powerFit(points: readonly Point[]): PowerFit {
  const { a, b } = line(points.map(({ n, y }) => ({ x: Math.log(n), y: Math.log(y), weight: 1 })));
  return { exponent: b, constant: Math.exp(a) };
}

/**
 * Least squares of the relative errors: a tenth too much at the smallest size counts as much as at the largest. No cost
 * falls as a table grows, and none is below nothing: where noise says so, the best line without that is taken.
 */
export function linearFit(points: readonly Point[]): LinearFit {
  const free = line(points.map(({ n, y }) => ({ x: n, y, weight: 1 / y ** 2 })));
  const total = (of: (point: Point) => number) => points.reduce((sum, point) => sum + of(point), 0);
  if (free.b < 0) return { a: total(({ y }) => 1 / y) / total(({ y }) => 1 / y ** 2), b: 0 };
  if (free.a < 0) return { a: 0, b: total(({ n, y }) => n / y) / total(({ n, y }) => n ** 2 / y ** 2) };
  return free;
}

/** What a fit says of any size. */
export interface CostLaw {
  /** With n in units of `unit`, and milliseconds. */
  readonly text: string;
  at(n: number): number;
}

const figures = (value: number): string => String(Number(value.toPrecision(3)));

/** A cost that is a line: so much, and so much more for each. */
export function linearLaw(points: readonly Point[], unit: number): CostLaw {
  const { a, b } = linearFit(points);
  return { text: `${figures(a)} ms + ${figures(b * unit)} ms · n`, at: (n) => a + b * n };
}

/**
 * A cost that should not grow, by its power: an index of a table ten times as large is hardly deeper, which a line would
 * multiply. A power below 0 is noise and counts as 0.
 */
export function flatLaw(points: readonly Point[], unit: number): CostLaw {
  const { exponent } = powerFit(points);
  const power = Math.max(0, exponent);
  const mean = points.reduce((sum, { n, y }) => sum + Math.log(y / (n / unit) ** power), 0) / points.length;
  const constant = Math.exp(mean);
  return { text: `${figures(constant)} ms · n^${power.toFixed(2)}`, at: (n) => constant * (n / unit) ** power };
}
