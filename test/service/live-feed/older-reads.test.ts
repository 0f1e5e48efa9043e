import { describe, expect, it } from 'vitest';
import { countChildren, reconcile } from '../../../source/service/live-feed/feed-reading.js';
import { ENDED_KEPT, FeedState } from '../../../source/service/live-feed/feed-state.js';
import type { FeedEvent } from '../../../source/store/event-store.js';
import { execution, NOW } from '../../ui/helpers/executions.js';

const READING = { polling: true } as const;
const NO_CATALOG = new Map<string, never>();

function event(executionId: string, type: string, change: Partial<FeedEvent> = {}): FeedEvent {
  const rest = { node: null, status: null, workerId: null, parentExecutionId: null, catalogId: null };
  return { ...rest, executionId, eventId: `${executionId}99`, type, at: NOW, ...change };
}

/** A store that knows executions by id, and which ones it was asked for. */
function store(...known: readonly ReturnType<typeof execution>[]) {
  const asked: string[] = [];
  return {
    asked,
    executionsById: async (ids: readonly string[]) => {
      asked.push(...ids);
      return { executions: known.filter(({ executionId }) => ids.includes(executionId)), asOf: NOW };
    },
  };
}

describe('a full read that new events overtook', () => {
  it('does not take back an end, also one whose event is not the newest', async () => {
    const state = new FeedState();
    const [one, other] = [execution('1'), execution('2')];
    state.put(one);
    state.put(other);
    const begun = state.rows.position;
    state.apply([event('1', 'playbook.completed'), event('2', 'playbook.failed', { eventId: '20' })], NO_CATALOG);
    await reconcile(store(), state, { executions: [one, other], begun }, READING);
    expect([...state.rows.values()].map((row) => row.execution.status)).toEqual(['COMPLETED', 'FAILED']);
  });

  it('reads anew what ended and went meanwhile, and what began', async () => {
    const state = new FeedState();
    const first = execution('1');
    state.put(first);
    const begun = state.rows.position;
    state.apply([event('1', 'playbook.completed')], NO_CATALOG);
    for (let at = 0; at < ENDED_KEPT; at++) state.put(execution(`5${at}`, { status: 'FAILED', ends: ['FAILED'] }));
    state.apply([event('3', 'playbook.initialized')], NO_CATALOG);
    expect(state.rows.has('1')).toBe(false);
    const reads = store(execution('1', { status: 'COMPLETED', ends: ['COMPLETED'] }));
    await reconcile(reads, state, { executions: [first], begun }, READING);
    expect(reads.asked.sort()).toEqual(['1', '3']);
    expect(state.rows.get('1')?.execution.status).toBe('COMPLETED');
    expect(state.rows.get('3')?.execution.status).toBe('RUNNING');
  });

  it('leaves a count of children that moved meanwhile', async () => {
    const state = new FeedState();
    const parents = [execution('1'), execution('2')];
    for (const parent of parents) state.put(parent);
    state.setChildren(new Map(), ['1', '2']);
    const childCounts = async () => {
      state.apply([event('3', 'playbook.initialized', { parentExecutionId: '1' })], NO_CATALOG);
      return new Map([['2', { live: 4, all: 4 }]]);
    };
    await countChildren({ childCounts }, state, parents, READING);
    expect(state.rows.get('1')?.children).toEqual({ live: 1, all: 1 });
    expect(state.rows.get('2')?.children).toEqual({ live: 4, all: 4 });
  });

  it('lets whatever waits have its turn between pieces', async () => {
    const state = new FeedState();
    const executions = Array.from({ length: 20_000 }, (_, at) => execution(`${at}`));
    let turns = 0;
    const turn = () => {
      turns += 1;
      if (state.rows.size < executions.length) setImmediate(turn);
    };
    setImmediate(turn);
    await reconcile(store(), state, { executions, begun: 0 }, READING);
    expect(turns).toBeGreaterThanOrEqual(3);
    expect(state.rows.size).toBe(executions.length);
  });
});
