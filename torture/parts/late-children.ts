import { randomUUID } from 'node:crypto';
import { cancelResults } from '../../source/service/cancel/cancel-results.js';
import { createServices } from '../../source/service/use-cases.js';
import type { EventStore } from '../../source/store/event-store.js';
import { createTestDatabase, nextIdAt, type TestDatabase } from '../../test/helpers/database.js';
import { openStore } from '../../test/helpers/store.js';
import { auditCancels } from '../audit.js';
import { liveIn, runningExecutions } from '../executions.js';
import type { TortureContext, TorturePart } from '../types.js';

const SPAWNERS = 3;
/** After so many looks that each found new children the service gives up (service/cancel.ts). */
const MAX_SWEEPS = 20;

/** A runaway parent that goes on spawning while it is being cancelled. */
export const lateChildren: TorturePart = {
  name: 'late-children',
  what: 'children are spawned as fast as the database takes them, during a cascade and for a while after it began',
  run: async (context, tally) => {
    for (let round = 0; round < context.times(18, 2); round++) {
      const db = await createTestDatabase();
      const store = openStore(db.url);
      // Every third round's spawners only stop once the run has given up on them.
      const isEndless = round % 3 === 2;
      let lastLook = 0;
      let looks = 0;
      const watched: EventStore = {
        ...store,
        linksBelow: (...given) => {
          lastLook = Date.now();
          looks += 1;
          return store.linksBelow(...given);
        },
      };
      try {
        const { cancel } = createServices(watched);
        const [root = ''] = await runningExecutions(db.pool, context.times(400, 60), (index, above) =>
          index === 0 ? null : (above[0] ?? null),
        );
        const spawning = { on: true };
        const spawned = Promise.all(Array.from({ length: SPAWNERS }, () => spawn(context, db, root, spawning)));
        const request = {
          reason: null,
          cancelledBy: 'torture',
          cascade: true,
          batchId: randomUUID(),
          source: 'torture',
        };
        const plan = await cancel.plan([root], { cascade: true });
        looks = 0;
        setTimeout(
          () => {
            if (!isEndless) spawning.on = false;
          },
          context.random.whole(50, context.times(1_500, 200)),
        );
        const report = await cancel.run(plan, request);
        const [lookedAt, sweeps] = [lastLook, looks];
        spawning.on = false;
        const born = (await spawned).flat();
        const claim = {
          who: `round ${round}`,
          batchId: request.batchId,
          cancelled: cancelResults(report).flatMap((each) => each.cancelled),
        };
        await auditCancels(db.pool, [claim], tally);
        const left = new Set(await liveIn(db.pool));
        const overlooked = born.filter((each) => left.has(each.id) && each.at < lookedAt);
        tally.expect(
          overlooked.length === 0 || report.sweepProblem !== null,
          'misreported',
          () =>
            `round ${round}: ${overlooked.length} children from before the last look are running and the report is silent`,
        );
        // Where a look found nothing new the sweep was over; else it has given up, which it must say.
        const gaveUp = left.size > 0 && sweeps >= MAX_SWEEPS && report.sweepProblem === null;
        tally.expect(
          !gaveUp,
          'misreported',
          () => `round ${round}: ${left.size} children are running and the report is silent`,
        );
        const again = await cancel.run(await cancel.plan([root], { cascade: true }), {
          ...request,
          batchId: randomUUID(),
        });
        const rest = cancelResults(again).flatMap((each) => each.cancelled);
        const stillLeft = await liveIn(db.pool);
        tally.expect(
          stillLeft.length === 0,
          'lost',
          () => `round ${round}: ${stillLeft.length} run after the same again`,
        );
        tally.did('cascades');
        tally.did('children born meanwhile', born.length);
        tally.did(
          'of them cancelled by the sweep',
          report.outcomes.filter((o) => o.kind === 'cancelled' && o.late).length,
        );
        tally.did('left for the same command again', rest.length);
        context.log(
          `round ${round}: ${born.length} born, ${left.size} left; ${report.sweepProblem ?? 'no sweep problem'}`,
        );
      } finally {
        await store.close();
        await db.close();
      }
    }
  },
};

interface Born {
  readonly id: string;
  readonly at: number;
}

/** Children of the root, and of one another, one statement each. */
async function spawn(
  { random }: TortureContext,
  db: TestDatabase,
  root: string,
  spawning: { on: boolean },
): Promise<Born[]> {
  const born: Born[] = [];
  while (spawning.on) {
    const id = nextIdAt(Date.now(), 'rust');
    const parent = born.length > 0 && random.next() < 0.3 ? random.pick(born).id : root;
    await db.pool.query(
      `INSERT INTO noetl.event (execution_id, event_id, catalog_id, parent_execution_id, created_at, event_type, status)
        SELECT $1, $2, catalog_id, $3, clock_timestamp() AT TIME ZONE 'UTC', 'playbook_started', 'STARTED'
        FROM noetl.event WHERE execution_id = $4 LIMIT 1`,
      [id, nextIdAt(Date.now(), 'rust'), parent, root],
    );
    born.push({ id, at: Date.now() });
  }
  return born;
}
