import { describe, expect, it } from 'vitest';
import type { FeedSnapshot } from '../../../source/service/live-feed/feed-state.js';
import { createLiveFeed, type LiveFeed } from '../../../source/service/live-feed/live-feed.js';
import { StoreError } from '../../../source/store/errors.js';
import type { EventStore } from '../../../source/store/event-store.js';
import { type TestDatabase, writeEvents } from '../../helpers/database.js';
import { withStore } from '../../helpers/with-store.js';

let db: TestDatabase;
let store: EventStore;

withStore((opened) => {
  ({ db, store } = opened);
});

/** Resolves with the first snapshot that fits; fails after 20 s with what the last one held. */
function until(feed: LiveFeed, fits: (snapshot: FeedSnapshot) => boolean): Promise<FeedSnapshot> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      end();
      reject(new Error(`no fitting snapshot; last: ${JSON.stringify([...feed.snapshot().rows.values()])}`));
    }, 20_000);
    const look = () => {
      if (!fits(feed.snapshot())) return;
      clearTimeout(timer);
      end();
      resolve(feed.snapshot());
    };
    const end = feed.subscribe(look);
    look();
  });
}

async function withFeed(
  on: EventStore,
  work: (feed: LiveFeed) => Promise<void>,
  options: Parameters<typeof createLiveFeed>[1] = {},
) {
  const feed = createLiveFeed(on, { pollMs: 50, ...options });
  feed.start();
  try {
    await work(feed);
  } finally {
    await feed.stop();
  }
}

const UNKNOWN_CAUSE = {
  code: 'unknown' as const,
  safe: false,
  evidence: {
    sentence: 'nothing fits',
    eventType: null,
    node: null,
    commandId: null,
    workerId: null,
    relatedExecutionId: null,
    at: null,
    ageMs: null,
    namedAt: null,
    cohort: null,
  },
};

/** Open at first; who comes while it is shut waits until it is opened. */
function gate() {
  let [opened, open] = [Promise.resolve(), () => {}];
  let [came, come] = [Promise.resolve(), () => {}];
  return {
    shut: () => {
      opened = new Promise((resolve) => {
        open = resolve;
      });
      came = new Promise((resolve) => {
        come = resolve;
      });
    },
    open: () => open(),
    passed: () => {
      come();
      return opened;
    },
    /** Resolves when somebody has come since it was shut. */
    reached: () => came,
  };
}

describe('the live feed', () => {
  it('reports each cancel that is written while it runs, whoever wrote it, and none from before', async () => {
    const cancel = (execution_id: string, event_type: string, at: number) => ({
      execution_id,
      event_type,
      created_at: at,
    });
    const at = Date.now();
    await writeEvents(db.pool, [
      cancel('71', 'playbook_started', at - 120_000),
      cancel('71', 'execution.cancelled', at - 60_000),
      cancel('72', 'playbook_started', at - 120_000),
      cancel('73', 'playbook.initialized', at - 120_000),
    ]);
    await withFeed(store, async (feed) => {
      const seen: string[] = [];
      feed.onCancels((cancels) => seen.push(...cancels.map(({ executionId }) => executionId)));
      await until(feed, ({ rows }) => rows.has('72'));
      await writeEvents(db.pool, [
        cancel('72', 'playbook_cancelled', Date.now()),
        cancel('73', 'execution.cancelled', Date.now()),
      ]);
      await until(feed, ({ rows }) => rows.get('73')?.execution.status === 'CANCELLED');
      expect(seen.sort()).toEqual(['72', '73']);
    });
  });

  it('loads what runs, then follows new events: starts, steps, children and ends', async () => {
    await writeEvents(db.pool, [
      { execution_id: '11', event_type: 'playbook_started', created_at: Date.now() - 3_600_000, path: 'etl/old' },
      { execution_id: '12', event_type: 'playbook_started', parent_execution_id: '11', path: 'etl/child' },
      { execution_id: '13', event_type: 'playbook_started' },
      { execution_id: '13', event_type: 'playbook.completed' },
    ]);
    await withFeed(store, async (feed) => {
      const first = await until(feed, ({ rows }) => (rows.get('11')?.children ?? null) !== null);
      const running = [...first.rows.values()].filter(({ execution }) => execution.status === 'RUNNING');
      expect(running.map(({ execution }) => execution.executionId).sort()).toEqual(['11', '12']);
      expect(first.rows.get('11')?.children).toEqual({ live: 1, all: 1 });
      expect(first.health).toEqual({ kind: 'live' });

      const untouched = first.rows.get('11');
      await writeEvents(db.pool, [
        { execution_id: '14', event_type: 'playbook.initialized', parent_execution_id: '11', path: 'etl/new' },
        { execution_id: '14', event_type: 'command.claimed', node_name: 'load', meta: { worker_id: 'w-1' } },
      ]);
      const next = await until(feed, ({ rows }) => rows.get('14')?.currentStep === 'load');
      expect(next.rows.get('14')).toMatchObject({
        workerId: 'w-1',
        execution: { path: 'etl/new', parentExecutionId: '11', stack: 'python', status: 'RUNNING' },
      });
      expect(next.rows.get('11')?.children).toEqual({ live: 2, all: 2 });
      expect(next.rows.get('11')?.execution).toBe(untouched?.execution);

      await writeEvents(db.pool, [{ execution_id: '14', event_type: 'execution.cancelled' }]);
      const ended = await until(feed, ({ rows }) => rows.get('14')?.execution.status === 'CANCELLED');
      expect(ended.rows.get('11')?.children).toEqual({ live: 1, all: 2 });
    });
  });

  it('shows what moved lately before the history is read, goes on with new events, and is exact at the end', async () => {
    const [day, now] = [86_400_000, Date.now()];
    await writeEvents(db.pool, [
      { execution_id: '51', event_type: 'playbook_started', created_at: now - 5 * day },
      { execution_id: '52', event_type: 'playbook.initialized', created_at: now - 3 * day },
      { execution_id: '52', event_type: 'step.enter', created_at: now - 60_000, node_name: 'load' },
      { execution_id: '53', event_type: 'playbook_started', created_at: now - 60_000 },
      { execution_id: '54', event_type: 'playbook_started', created_at: now - 60_000 },
      { execution_id: '54', event_type: 'playbook.completed', created_at: now - 50_000 },
    ]);
    let goOn = () => {};
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const slow: EventStore = {
      ...store,
      async *activeInPieces(options) {
        let isFirst = true;
        for await (const piece of store.activeInPieces(options)) {
          yield isFirst ? { ...piece, executions: [] } : piece;
          if (isFirst) await held;
          if (isFirst) yield piece;
          isFirst = false;
        }
      },
    };
    await withFeed(slow, async (feed) => {
      const first = await until(feed, ({ history }) => history?.done === 1);
      expect(first.health.kind).toBe('live');
      const has = (id: string) => first.rows.has(id);
      expect(['51', '52', '53', '54'].map(has)).toEqual([false, true, true, false]);
      await writeEvents(db.pool, [{ execution_id: '53', event_type: 'playbook.failed' }]);
      goOn();
      const last = await until(feed, ({ history }) => history === undefined);
      expect(last.rows.get('51')?.execution.status).toBe('RUNNING');
      const { executions } = await store.activeExecutions();
      const running = [...last.rows.values()].filter(({ execution }) => execution.status === 'RUNNING');
      const ids = running.map(({ execution }) => execution.executionId).sort();
      expect(ids).toEqual(executions.map(({ executionId }) => executionId).sort());
      await until(feed, ({ rows }) => rows.get('53')?.execution.status !== 'RUNNING');
    });
    await writeEvents(
      db.pool,
      ['51', '52'].map((execution_id) => ({ execution_id, event_type: 'playbook.completed' })),
    );
  });

  it('hears of an execution that it did not hold, and not of one that had ended', async () => {
    await writeEvents(db.pool, [
      { execution_id: '21', event_type: 'playbook_started', created_at: Date.now() - 3_600_000 },
      { execution_id: '21', event_type: 'playbook.completed', created_at: Date.now() - 3_000_000 },
    ]);
    await withFeed(store, async (feed) => {
      await until(feed, ({ health }) => health.kind === 'live');
      await writeEvents(db.pool, [
        { execution_id: '21', event_type: 'command.completed' },
        { execution_id: '22', event_type: 'playbook_started', created_at: Date.now() - 3_600_000 },
        { execution_id: '22', event_type: 'step.enter', node_name: 'late' },
      ]);
      const snapshot = await until(feed, ({ rows }) => rows.has('22'));
      expect(snapshot.rows.get('22')?.currentStep).toBe('late');
      expect(snapshot.rows.has('21')).toBe(false);
    });
  });

  it('heals by the full check what came with a time in the past', async () => {
    await withFeed(
      store,
      async (feed) => {
        await until(feed, ({ health }) => health.kind === 'live');
        await writeEvents(db.pool, [
          { execution_id: '31', event_type: 'playbook_started', created_at: Date.now() - 600_000 },
        ]);
        await until(feed, ({ rows }) => rows.has('31'));
        await writeEvents(db.pool, [
          { execution_id: '31', event_type: 'playbook.failed', created_at: Date.now() - 500_000 },
        ]);
        // The next one by itself comes after 20 times what this one took.
        await feed.refresh();
        expect(feed.snapshot().rows.get('31')?.execution.status).toBe('FAILED');
      },
      { fullCheckMs: 1 },
    );
  });

  it('keeps its rows while the database is away, says so, and comes back by itself', async () => {
    let away = false;
    const guarded = <K extends 'activeExecutions' | 'eventsSince'>(method: K): EventStore[K] =>
      ((...args: never[]) =>
        away
          ? Promise.reject(new StoreError('unreachable', 'cannot reach it'))
          : (store[method] as (...all: never[]) => unknown)(...args)) as EventStore[K];
    const flaky = { ...store, activeExecutions: guarded('activeExecutions'), eventsSince: guarded('eventsSince') };
    await withFeed(flaky, async (feed) => {
      const first = await until(feed, ({ health }) => health.kind === 'live');
      const held = first.rows.size;
      away = true;
      const lost = await until(feed, ({ health }) => health.kind === 'reconnecting');
      expect(lost.health).toMatchObject({ attempt: 1, problem: 'cannot reach it' });
      expect(lost.rows.size).toBe(held);
      expect(lost.readAt).toBe(feed.snapshot().readAt);
      away = false;
      await until(feed, ({ health }) => health.kind === 'live');
    });
  });

  it('diagnoses the stale ones, and forgets a diagnosis when one wakes up', async () => {
    const asked: string[][] = [];
    await withFeed(
      store,
      async (feed) => {
        const snapshot = await until(feed, ({ rows }) => Boolean(rows.get('11')?.diagnosis));
        expect(snapshot.rows.get('11')?.diagnosis?.code).toBe('unknown');
        expect(snapshot.rows.get('12')?.diagnosis).toBeNull();
        expect(asked[0]).not.toContain('12');
        await writeEvents(db.pool, [{ execution_id: '11', event_type: 'step.enter', node_name: 'awake' }]);
        await until(feed, ({ rows }) => rows.get('11')?.diagnosis === null);
      },
      {
        diagnose: async (ids) => {
          asked.push([...ids]);
          return new Map(ids.map((id) => [id, UNKNOWN_CAUSE]));
        },
      },
    );
  });

  it('reads new events while a full check and a diagnosis are under way, and neither takes back what they brought', async () => {
    await writeEvents(
      db.pool,
      ['61', '62', '63'].map((execution_id) => ({
        execution_id,
        event_type: 'playbook_started',
        created_at: Date.now() - (execution_id === '63' ? 60_000 : 3_600_000),
      })),
    );
    const [check, diagnosis] = [gate(), gate()];
    const slow: EventStore = {
      ...store,
      activeExecutions: async (options) => {
        const answer = await store.activeExecutions(options);
        await check.passed();
        return answer;
      },
    };
    const diagnose = async (ids: readonly string[]) => {
      await diagnosis.passed();
      return new Map(ids.map((id) => [id, UNKNOWN_CAUSE]));
    };
    await withFeed(
      slow,
      async (feed) => {
        await until(feed, ({ rows }) => Boolean(rows.get('61')?.diagnosis && rows.get('62')?.diagnosis));
        diagnosis.shut();
        check.shut();
        const checked = feed.refresh();
        await check.reached();
        await writeEvents(db.pool, [
          { execution_id: '63', event_type: 'playbook.completed' },
          { execution_id: '64', event_type: 'playbook_started' },
        ]);
        await until(feed, ({ rows }) => rows.has('64') && rows.get('63')?.execution.status === 'COMPLETED');
        check.open();
        await diagnosis.reached();
        await writeEvents(db.pool, [{ execution_id: '61', event_type: 'step.enter', node_name: 'awake' }]);
        await until(feed, ({ rows }) => rows.get('61')?.currentStep === 'awake');
        diagnosis.open();
        await checked;
        const { rows } = feed.snapshot();
        expect(rows.get('63')?.execution.status).toBe('COMPLETED');
        expect(rows.get('64')?.execution.status).toBe('RUNNING');
        expect([rows.get('61')?.diagnosis, rows.get('62')?.diagnosis]).toEqual([null, UNKNOWN_CAUSE]);
      },
      { diagnose },
    );
    await writeEvents(
      db.pool,
      ['61', '62', '64'].map((execution_id) => ({ execution_id, event_type: 'playbook.completed' })),
    );
  });

  it('stands still while paused', async () => {
    await withFeed(store, async (feed) => {
      await until(feed, ({ health }) => health.kind === 'live');
      feed.pause(true);
      expect(feed.snapshot().health).toEqual({ kind: 'paused' });
      await writeEvents(db.pool, [{ execution_id: '41', event_type: 'playbook_started' }]);
      await feed.refresh();
      expect(feed.snapshot().rows.has('41')).toBe(false);
      feed.pause(false);
      await until(feed, ({ rows }) => rows.has('41'));
    });
  });
});
