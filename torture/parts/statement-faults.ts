import { createTestDatabase } from '../../test/helpers/database.js';
import { type Fault, FaultProxy } from '../../test/helpers/fault-proxy.js';
import { cancelUnder, sameAgain, type UnderFault } from '../cancel-under.js';
import type { TortureContext, TorturePart } from '../types.js';

/** Longer than every time limit of the program together: past this it hangs. */
const HANGS_AFTER_MS = 240_000;
/** Five transactions; two are under way at once as soon as the root's is over. */
const WIDE_EXECUTIONS = 1_100;
const WIDE_TRANSACTIONS = 5;

/** The connection fails at every statement of a cancel in turn. */
export const statementFaults: TorturePart = {
  name: 'statements',
  what: 'the connection is cut before and after each statement of a cascade, once and for good, also with several transactions under way; answers are late or never come',
  run: async (context, tally) => {
    const db = await createTestDatabase();
    const proxy = await FaultProxy.before(db.url);
    const under: UnderFault = { context, tally, db, url: proxy.url };
    try {
      const count = await statementsOf(under, proxy);
      for (let nth = 1; nth <= count; nth += context.times(1, 11)) {
        for (const fault of ['cut-before', 'lose-answer'] as const) {
          await faultAt(under, proxy, nth, fault, 1);
          // Each of these waits until the program gives up.
          if (!context.quick && nth % 2 === 0) await faultAt(under, proxy, nth, fault, Number.POSITIVE_INFINITY);
        }
      }
      for (let nth = 1; nth <= WIDE_TRANSACTIONS; nth += context.times(1, 3)) await wideFaults(under, proxy, nth);
      await slow(under, proxy, context);
      if (!context.quick) for (const text of ['INSERT INTO', 'COMMIT']) await noAnswer(under, proxy, text);
    } finally {
      await proxy.close();
      await db.close();
    }
  },
};

async function statementsOf(under: UnderFault, proxy: FaultProxy): Promise<number> {
  let count = 0;
  proxy.follow(({ nth }) => {
    count = nth;
    return null;
  });
  const { outcome } = await cancelUnder(under, 'without a fault');
  under.tally.expect(outcome.code === 0, 'broken', () => `without a fault: exit ${outcome.code} ${outcome.stderr}`);
  return count;
}

async function faultAt(under: UnderFault, proxy: FaultProxy, at: number, fault: Fault, times: number): Promise<void> {
  const what = `${fault} at statement ${at}${times === 1 ? '' : ' and all after it'}`;
  proxy.follow(({ nth }) => (nth >= at && nth < at + times ? fault : null));
  const attacked = await cancelUnder(under, what);
  under.tally.did(times === 1 ? 'connections cut at one statement' : 'connections cut for good');
  proxy.follow(() => null);
  await sameAgain(under, what, attacked);
}

/** At the statements of the nth transaction that writes, each in turn; the others go on over their own connections. */
async function wideFaults(under: UnderFault, proxy: FaultProxy, nth: number): Promise<void> {
  for (const wanted of ['pg_advisory_xact_lock', 'INSERT INTO', 'COMMIT']) {
    for (const fault of ['cut-before', 'lose-answer'] as const) {
      const what = `${fault} at ${wanted} of transaction ${nth}`;
      const writing = new Set<number>();
      let met = 0;
      proxy.follow(({ text, connection }) => {
        if (text.includes('pg_advisory_xact_lock')) writing.add(connection);
        if (!text.includes(wanted) || !writing.has(connection)) return null;
        if (text === 'COMMIT') writing.delete(connection);
        return ++met === nth ? fault : null;
      });
      const attacked = await cancelUnder(under, what, { executions: WIDE_EXECUTIONS });
      const { outcome } = attacked;
      under.tally.expect(met >= nth, 'broken', () => `${what}: never came to it`);
      under.tally.expect(outcome.code === 0, 'broken', () => `${what}: exit ${outcome.code} ${outcome.stderr}`);
      under.tally.did('connections cut with several transactions under way');
      proxy.follow(() => null);
      await sameAgain(under, what, attacked);
    }
  }
}

async function slow(under: UnderFault, proxy: FaultProxy, context: TortureContext): Promise<void> {
  const delayMs = context.times(1_000, 100);
  proxy.follow(() => ({ delayMs }));
  const { outcome } = await cancelUnder(under, `${delayMs} ms late`);
  under.tally.expect(outcome.code === 0, 'broken', () => `${delayMs} ms late: exit ${outcome.code} ${outcome.stderr}`);
  under.tally.did('runs on a slow server');
  proxy.follow(() => null);
}

/** The server has done it and its answer never comes: the program must end in its own time, and know what it knows. */
async function noAnswer(under: UnderFault, proxy: FaultProxy, wanted: string): Promise<void> {
  const writing = new Set<number>();
  let left = 1;
  proxy.follow(({ text, connection }) => {
    if (/pg_advisory_xact_lock/.test(text)) writing.add(connection);
    return text.includes(wanted) && writing.has(connection) && left-- > 0 ? 'swallow' : null;
  });
  const start = Date.now();
  const attacked = await cancelUnder(under, `no answer to ${wanted}`);
  const ms = Date.now() - start;
  under.tally.expect(ms < HANGS_AFTER_MS, 'broken', () => `no answer to ${wanted}: ended after ${ms} ms`);
  under.tally.did('answers that never came');
  proxy.restore();
  proxy.follow(() => null);
  await sameAgain(under, `no answer to ${wanted}`, attacked);
}
