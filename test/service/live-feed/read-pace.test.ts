import { describe, expect, it } from 'vitest';
import { ReadPace } from '../../../source/service/live-feed/read-pace.js';

/** How long each pause is when reads take so long, milliseconds. */
function rests(...took: readonly number[]): number[] {
  let now = 1000;
  const pace = new ReadPace(1000, () => now);
  return took.map((ms) => {
    pace.begin();
    now += ms;
    pace.end();
    const rest = pace.rest();
    now += rest;
    return rest;
  });
}

describe('the pace of reading new events', () => {
  it('is kept whatever a read takes, up to half of it', () => {
    expect(rests(10, 300, 500)).toEqual([990, 700, 500]);
  });

  it('leaves the database alone for as long as a slow read took, and no longer than the pace', () => {
    expect(rests(700, 1000, 4000, 10)).toEqual([700, 1000, 1000, 990]);
  });

  it('counts what goes on after the read', () => {
    let now = 0;
    const pace = new ReadPace(1000, () => now);
    expect(pace.rest()).toBe(1000);
    pace.begin();
    now = 100;
    pace.end();
    now = 800;
    expect(pace.rest()).toBe(200);
    now = 5000;
    expect(pace.rest()).toBe(0);
  });
});
