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

/** Least squares of the relative errors: a tenth too much at the smallest size counts as much as at the largest. */
export const linearFit = (points: readonly Point[]): LinearFit =>
  line(points.map(({ n, y }) => ({ x: n, y, weight: 1 / y ** 2 })));

/** What a line says at a size that was not measured; a cost does not fall as a table grows. */
export const atSize = ({ a, b }: LinearFit, n: number): number => Math.max(0, a) + Math.max(0, b) * n;
