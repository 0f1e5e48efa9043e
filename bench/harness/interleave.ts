import { type Sample, sample } from './statistics.js';

/** One thing to time. `prepare` runs before each reading and is not timed. */
export interface Timed {
  prepare?(round: number): Promise<void> | void;
  /** Returns the reading when it measures itself (another unit, or only a part of what it does). */
  run(round: number): Promise<number | undefined> | number | undefined;
}

/**
 * Times several things by turns (A B A B …, the order reversed every other round), so that whatever else the machine
 * does falls on all of them alike. The first `warmUps` rounds are not counted.
 *
 * @returns one sample for each, in milliseconds unless `run` returned its own reading.
 */
export async function interleave<Name extends string>(
  things: Readonly<Record<Name, Timed>>,
  rounds: number,
  warmUps = 1,
): Promise<Record<Name, Sample>> {
  const names = Object.keys(things) as Name[];
  const readings = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let round = 0; round < rounds + warmUps; round++) {
    for (const name of round % 2 ? names.toReversed() : names) {
      const reading = await time(things[name], round);
      if (round >= warmUps) readings[name].push(reading);
    }
  }
  return Object.fromEntries(names.map((name) => [name, sample(readings[name])])) as Record<Name, Sample>;
}

async function time(thing: Timed, round: number): Promise<number> {
  await thing.prepare?.(round);
  const start = performance.now();
  const own = await thing.run(round);
  return own ?? performance.now() - start;
}
