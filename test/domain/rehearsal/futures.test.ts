import { describe, expect, it } from 'vitest';
import { laterThan } from '../../../source/domain/rehearsal/silences.js';
import { Engine, type EngineOptions, HOUR, MINUTE } from '../../helpers/futures/engine.js';
import { familiesOf, judgeAt } from '../../helpers/futures/judge.js';
import { dayOf } from '../../helpers/futures/scenarios.js';

const START = Date.UTC(2026, 5, 1);
const NAMES: Readonly<Record<string, EngineOptions>> = {
  'a quiet day with a reaper': { hasReaper: true, outage: null },
  'an outage of 9 minutes with a reaper': { hasReaper: true, outage: { from: 2 * HOUR, to: 2 * HOUR + 9 * MINUTE } },
  'an outage of 100 minutes with a reaper': { hasReaper: true, outage: { from: 2 * HOUR, to: 220 * MINUTE } },
  'an outage of 40 minutes without a reaper': { hasReaper: false, outage: { from: 2 * HOUR, to: 160 * MINUTE } },
};
/** More of them with TORTURE set. */
const SEEDS = process.env.TORTURE ? Array.from({ length: 12 }, (_, index) => index + 1) : [1];
/** Shorter ones are below what finalising takes (393 s), and kill a root whose child has just ended: docs/staleness.md. */
const THRESHOLDS = [7 * MINUTE, 10 * MINUTE];

describe.each(Object.entries(NAMES))('%s, cut every four minutes', (_, options) => {
  it.each(SEEDS)('seed %i: nothing that goes on later is called safe', (seed) => {
    const engine = new Engine(seed, START, options);
    const day = dayOf(engine, { ordinary: 60, ofEach: 6 });
    const families = familiesOf(day);
    const harmed: string[] = [];
    let [judged, safe] = [0, 0];
    for (let moment = START + MINUTE; moment < engine.to; moment += 4 * MINUTE + 1234) {
      for (const staleAfterMs of THRESHOLDS) {
        const { diagnoses } = judgeAt(engine, day, moment, staleAfterMs, families);
        judged += diagnoses.size;
        for (const [id, { code, safe: isSafe, evidence }] of diagnoses) {
          if (!isSafe) continue;
          safe += 1;
          const { later, first } = laterThan(families.get(id)!.own.events, moment);
          if (later !== 'went-on') continue;
          const { scenario, stack } = day.find(({ log }) => log.executionId === id)!;
          harmed.push(
            `${stack} ${scenario} at +${Math.round((moment - START) / MINUTE)}m (${code}: ${evidence.sentence}) went on ${Math.round((first!.at - moment) / 1000)} s later with ${first!.type}`,
          );
        }
      }
    }
    expect(judged).toBeGreaterThan(1000);
    expect(safe).toBeGreaterThan(100);
    expect(harmed).toEqual([]);
  });

  it.each(SEEDS)('seed %i: everything that never goes on is found once the grace is over', (seed) => {
    const engine = new Engine(seed, START, options);
    const day = dayOf(engine, { ordinary: 60, ofEach: 6 });
    const { diagnoses, engine: state } = judgeAt(engine, day, engine.to, 10 * MINUTE);
    expect(state.conditions).toEqual([]);
    const stuck = day.filter(({ isStuck }) => isStuck);
    expect(stuck.length).toBeGreaterThan(15);
    const missed = stuck.flatMap(({ log, scenario, stack }) => {
      const diagnosis = diagnoses.get(log.executionId);
      return diagnosis?.safe ? [] : [`${stack} ${scenario}: ${diagnosis?.code} ${diagnosis?.evidence.sentence}`];
    });
    expect(missed).toEqual([]);
    expect([...diagnoses.keys()].sort()).toEqual(stuck.map(({ log }) => log.executionId).sort());
  });
});
