import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rehearse } from '../../../source/domain/rehearsal/rehearse.js';
import { RehearsalTotals } from '../../../source/domain/rehearsal/totals.js';
import { DEFAULT_THRESHOLDS } from '../../../source/domain/staleness/stale-facts.js';
import { rehearseCleanup } from '../../../source/service/cleanup/rehearsal/rehearsal.js';
import { cleanedCodes } from '../../../source/service/cleanup/rules.js';
import type { EventStore } from '../../../source/store/event-store.js';
import { createTestDatabase, nextIdAt, type TestDatabase, writeEvents } from '../../helpers/database.js';
import { Engine, type Future, HOUR, MINUTE } from '../../helpers/futures/engine.js';
import { familiesOf } from '../../helpers/futures/judge.js';
import { dayOf } from '../../helpers/futures/scenarios.js';
import { writeFutures } from '../../helpers/futures/write.js';
import { openStore } from '../../helpers/store.js';

const START = Date.now() - 15 * HOUR;
const DAY = 24 * HOUR;
const engine = new Engine(7, START, { hasReaper: true, outage: { from: 2 * HOUR, to: 2 * HOUR + 20 * MINUTE } });
/** Times in whole milliseconds, as a table holds them to microseconds and a test compares them. */
const day: Future[] = dayOf(engine, { ordinary: 60, ofEach: 6 }).map((future) => ({
  ...future,
  log: { ...future.log, events: future.log.events.map((event) => ({ ...event, at: Math.floor(event.at) })) },
}));

let db: TestDatabase;
let store: EventStore;
beforeAll(async () => {
  db = await createTestDatabase({ timezone: 'America/New_York' });
  store = openStore(db.url);
  await writeFutures(db.pool, day);
});
afterAll(async () => {
  await store?.close();
  await db?.close();
});

const rowsOf = async () => (await db.pool.query('SELECT count(*)::int AS n FROM noetl.event')).rows[0].n as number;

/** The same from the generator's logs, without a database. */
function expected(asOf: number, windowMs: number, olderThanMs: number, codes = cleanedCodes()) {
  const totals = new RehearsalTotals(olderThanMs);
  const rules = {
    window: { from: asOf - windowMs, to: asOf },
    codes,
    thresholds: { ...DEFAULT_THRESHOLDS, staleAfterMs: olderThanMs },
  };
  for (const family of familiesOf(day).values()) totals.add(rehearse(family, rules));
  return totals;
}

describe('a rehearsal on a day of generated executions', () => {
  it.each([
    ['one page', 10 * MINUTE, 25_000],
    ['many pages', 10 * MINUTE, 97],
    ['a page a row or so', 30 * MINUTE, 11],
  ])('finds what the logs themselves say, in %s', async (_, olderThanMs, pageRows) => {
    const before = await rowsOf();
    const report = await rehearseCleanup(store, { windowMs: DAY, olderThanMs, pageRows });
    const truth = expected(report.asOf, DAY, olderThanMs);
    expect(report.silences).toBe(truth.silences);
    expect(report.silentExecutions).toBe(truth.silentExecutions);
    for (const [verdict, assumption] of [
      [report.asKnown, 'unknown'],
      [report.workersLost, 'lost'],
    ] as const) {
      const right = truth.verdict(assumption);
      expect(verdict.byCode).toEqual(right.byCode);
      expect(verdict.ladder).toEqual(right.ladder);
      expect(verdict.findings.map(({ executionId }) => executionId).sort()).toEqual(
        right.findings.map(({ executionId }) => executionId).sort(),
      );
      expect(Math.abs((verdict.sparedFromMs ?? 0) - (right.sparedFromMs ?? 0))).toBeLessThanOrEqual(1000);
    }
    expect(report.workersLost.wentOn).toBeGreaterThan(0);
    expect(report.asKnown.wentOn).toBe(0);
    expect(report.notJudged).toEqual([]);
    expect(await rowsOf()).toBe(before);
  });

  // The window moves with the clock: the day that was made lies well inside it, however slow the machine is.
  it('is spared by the threshold that it names, and not by the one that was rehearsed', async () => {
    const { workersLost } = await rehearseCleanup(store, { windowMs: 2 * DAY, olderThanMs: 10 * MINUTE });
    const spared = workersLost.sparedFromMs!;
    const at = async (olderThanMs: number) =>
      (await rehearseCleanup(store, { windowMs: 2 * DAY, olderThanMs })).workersLost.wentOn;
    expect(await at(spared)).toBe(0);
    expect(spared).toBeGreaterThan(10 * MINUTE);
    expect(await at(10 * MINUTE)).toBeGreaterThan(0);
  });

  it('takes further codes with include, and other playbooks not at all', async () => {
    const options = { windowMs: DAY, olderThanMs: 10 * MINUTE };
    const included = await rehearseCleanup(store, { ...options, include: ['live-claim', 'awaiting-callback'] });
    const truth = expected(included.asOf, DAY, 10 * MINUTE, cleanedCodes(['live-claim', 'awaiting-callback']));
    expect(included.asKnown.byCode).toEqual(truth.verdict('unknown').byCode);
    expect(included.asKnown.wentOn).toBeGreaterThan(0);
    const none = await rehearseCleanup(store, { ...options, wanted: (path) => path === 'other' });
    expect([none.silences, none.workersLost.cancelled]).toEqual([0, 0]);
  });

  it('sees only what is in the window, and says where the log begins', async () => {
    const report = await rehearseCleanup(store, { windowMs: 30 * DAY, olderThanMs: 10 * MINUTE });
    const first = Math.min(...day.flatMap(({ log }) => log.events.map(({ at }) => at)));
    expect(Math.abs(report.firstEventAt! - first)).toBeLessThan(2);
    const late = await rehearseCleanup(store, { windowMs: HOUR, olderThanMs: 10 * MINUTE });
    expect(late.events).toBeLessThan(report.events);
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    const run = rehearseCleanup(store, {
      windowMs: DAY,
      olderThanMs: 10 * MINUTE,
      pageRows: 50,
      signal: stop.signal,
      onProgress: () => stop.abort(),
    });
    await expect(run).rejects.toThrow();
  });

  it('refuses a threshold of 0', async () => {
    await expect(rehearseCleanup(store, { windowMs: DAY, olderThanMs: 0 })).rejects.toThrow(
      /would cancel healthy work/,
    );
  });
});

describe('odd logs', () => {
  it('an empty one, and rows of the future', async () => {
    const empty = await createTestDatabase();
    const other = openStore(empty.url);
    try {
      const options = { windowMs: DAY, olderThanMs: 10 * MINUTE };
      expect(await rehearseCleanup(other, options)).toMatchObject({ events: 0, firstEventAt: null, silences: 0 });
      const execution_id = nextIdAt(Date.now() - HOUR);
      await writeEvents(empty.pool, [
        { execution_id, event_type: 'playbook.initialized', created_at: Date.now() + 5 * HOUR },
        { execution_id, event_type: 'playbook.completed', created_at: Date.now() + 9 * HOUR },
      ]);
      expect(await rehearseCleanup(other, options)).toMatchObject({ events: 0, silences: 0 });
      await empty.pool.query('DROP TABLE noetl.runtime CASCADE');
      expect(await rehearseCleanup(other, options)).toMatchObject({ events: 0 });
    } finally {
      await other.close();
      await empty.close();
    }
  });
});
