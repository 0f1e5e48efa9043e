import type { Random } from '../../source/demo/engine/random.js';
import type { Shape, ShapeEnd, ShapeStack } from './shape-types.js';
import { shapeOf } from './shapes.js';

/** 20 to 200 events in either stack; about 88 in the mean, as production has (event-store.md). */
const STEPS: Readonly<Record<ShapeStack, readonly number[]>> = {
  rust: [3, 4, 5, 7, 9, 10, 12, 14, 17, 20, 24, 28, 33],
  python: [3, 4, 5, 6, 8, 9, 11, 13, 15, 18, 20, 24, 27],
};
const ENDS: readonly ShapeEnd[] = ['completed', 'failed', 'cancelled'];
const FAILED_SHARE = 0.04;
const CANCELLED_SHARE = 0.02;

/** Every shape there is, and how to choose among them. */
export interface ShapeBook {
  readonly shapes: readonly Shape[];
  /** The index of a shape of this stack, in production's proportions. */
  pick(stack: ShapeStack, random: Random): number;
}

export function shapeBook(): ShapeBook {
  const shapes: Shape[] = [];
  const numbers = new Map<string, number>();
  for (const stack of ['rust', 'python'] as const) {
    for (const steps of STEPS[stack]) {
      for (const end of ENDS) numbers.set(`${stack} ${steps} ${end}`, shapes.push(shapeOf(stack, steps, end)) - 1);
    }
  }
  return {
    shapes,
    pick(stack, random) {
      const chance = random.next();
      const end =
        chance < FAILED_SHARE ? 'failed' : chance < FAILED_SHARE + CANCELLED_SHARE ? 'cancelled' : 'completed';
      return numbers.get(`${stack} ${random.pick(STEPS[stack])} ${end}`)!;
    },
  };
}
