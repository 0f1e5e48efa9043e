import { DEFAULT_STALE_AFTER_MS } from '../../source/domain/execution-status.js';
import { createCancelService } from '../../source/service/cancel/cancel.js';
import { createDiagnoseService } from '../../source/service/diagnose/diagnose.js';
import type { EventStore } from '../../source/store/event-store.js';
import { type HotSubjects, RUNNING_EVENTS } from './hot-subjects.js';

const DAY_MS = 86_400_000;
const HISTORY = 1000;
const ENDED_PAGE = 100;
const EVENTS_PAGE = 100;
const CANCELLATIONS = 50;

/**
 * What a question's time may grow with while a table grows by what has ended: with nothing, or with the executions that
 * ever began.
 */
export type GrowsWith = 'nothing' | 'executions';

/** A question that operators and workers wait for. */
export interface HotQuery {
  readonly name: HotQueryName;
  readonly title: string;
  readonly growsWith: GrowsWith;
  /** @returns how many rows its answer is made of: no way to the answer reads fewer */
  ask(round: number): Promise<number>;
}

export type HotQueryName = (typeof NAMES)[number];

const NAMES = [
  'first-rows',
  'active',
  'in-pieces',
  'history',
  'completed',
  'by-id',
  'timeline',
  'python-tree',
  'rust-tree',
  'child-counts',
  'refresh',
  'stale-facts',
  'diagnosis',
  'check',
  'cancelled',
  'cancel',
] as const;

const at = <T>(list: readonly T[], round: number): T => list[round % list.length]!;

/** All of them, through the store and the services as the console, the commands and the API ask. */
export function hotQueries(store: EventStore, subjects: HotSubjects): HotQuery[] {
  const diagnosis = createDiagnoseService(store);
  const cancel = createCancelService(store);
  const tree = (roots: readonly string[]) => async (round: number) => {
    const { links } = await store.linksBelow([at(roots, round)], 1000);
    if (links.length !== 4) throw new Error(`expected 4 links, found ${links.length}`);
    return links.length + 1;
  };
  const query = (
    name: HotQueryName,
    title: string,
    growsWith: GrowsWith,
    ask: (round: number) => Promise<number>,
  ): HotQuery => ({ name, title, growsWith, ask });
  return [
    query('first-rows', 'first rows: what runs now', 'nothing', async () => {
      const bounds = { withinMs: DAY_MS, mostEvents: RUNNING_EVENTS };
      const { executions } = await store.recentlyActive(bounds, { polling: true });
      return RUNNING_EVENTS + executions.length;
    }),
    query('active', 'all that has not ended, in one statement', 'executions', async () => {
      await store.activeExecutions({ polling: true });
      return subjects.begun;
    }),
    query('in-pieces', 'all that has not ended, in pieces', 'executions', async () => {
      for await (const _ of store.activeInPieces({ polling: true }));
      return subjects.begun;
    }),
    query('history', `the newest ${HISTORY.toLocaleString('en')} executions of any status`, 'nothing', async () => {
      const { executions } = await store.recentExecutions({ status: 'ALL', limit: HISTORY });
      return executions.length;
    }),
    query('completed', `the newest ${ENDED_PAGE} that completed`, 'nothing', async () => {
      const { executions } = await store.recentExecutions({ status: 'COMPLETED', limit: ENDED_PAGE });
      return executions.length;
    }),
    query('by-id', 'one execution by id', 'nothing', async (round) => {
      const { executions } = await store.executionsById([at(subjects.ended, round)]);
      return executions.length;
    }),
    query('timeline', 'a page of a timeline', 'nothing', async (round) => {
      const { events } = await store.eventsOf(at(subjects.ended, round), { limit: EVENTS_PAGE });
      return events.length;
    }),
    query('python-tree', 'a tree of 5, Python', 'nothing', tree(subjects.pythonRoots)),
    query('rust-tree', 'a tree of 5, Rust', 'nothing', tree(subjects.rustRoots)),
    query('child-counts', 'children of 1,000 executions, counted', 'nothing', async () => {
      const counts = await store.childCounts(subjects.parents);
      return [...counts.values()].reduce((sum, { all }) => sum + all, subjects.parents.length);
    }),
    query('refresh', 'a refresh with 1,200 new events', 'nothing', async () => {
      const { events } = await store.eventsSince(subjects.runningSince, 5000, { polling: true });
      return events.length;
    }),
    query('stale-facts', 'facts of 5 stale executions', 'nothing', async () => {
      await store.recordedFacts(subjects.stale);
      return subjects.staleEvents;
    }),
    query('diagnosis', 'all that is stale, each with its diagnosis', 'executions', async () => {
      const { stale } = await diagnosis.diagnoseStale({ olderThanMs: DEFAULT_STALE_AFTER_MS });
      return subjects.begun + stale.length;
    }),
    query('check', "a worker's check", 'nothing', async (round) => {
      if (!(await store.cancellationCheck(at(subjects.running, round)))) throw new Error('not found');
      return 1;
    }),
    query('cancelled', `the newest ${CANCELLATIONS} cancellations`, 'nothing', async () => {
      const records = await store.recentCancellations(CANCELLATIONS);
      return records.length;
    }),
    query('cancel', 'a cancel of one: plan, write', 'nothing', async (round) => {
      const plan = await cancel.plan([at(subjects.running, round)], { cascade: false });
      const { outcomes } = await cancel.run(plan, REQUEST);
      if (outcomes[0]?.kind !== 'cancelled') throw new Error(`not cancelled but ${outcomes[0]?.kind}`);
      return outcomes.length;
    }),
  ];
}

const REQUEST = {
  reason: 'measured',
  cancelledBy: 'bench@bench',
  cascade: false,
  batchId: 'bench',
  source: 'noetl-console/bench',
} as const;
