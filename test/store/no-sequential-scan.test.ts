import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generate } from '../../bench/generator/generate.js';
import { cancelRows } from '../../source/domain/cancellation.js';
import {
  CANCELLED_TYPES,
  COMMAND_CANCELLED,
  COMPLETED_TYPES,
  FAILED_TYPES,
  START_TYPES,
} from '../../source/domain/event-types.js';
import { appendCancelRows } from '../../source/store/cancellations/append.js';
import { cancelBatchRows } from '../../source/store/cancellations/batches.js';
import { cancelBlockers } from '../../source/store/cancellations/cancel-blockers.js';
import { batchCancelRows, recentCancelRows } from '../../source/store/cancellations/records.js';
import { commandEvents } from '../../source/store/commands.js';
import { tablesIn } from '../../source/store/connection/tables.js';
import * as details from '../../source/store/details/reader.js';
import { newestCommands } from '../../source/store/engine-facts.js';
import { newestRangesFirst } from '../../source/store/executions/pieces.js';
import { recentExecutionIds } from '../../source/store/executions/reader.js';
import { activeExecutions, executionsById, recentlyActive } from '../../source/store/executions/summaries.js';
import { eventsSince } from '../../source/store/feed.js';
import { logFacts } from '../../source/store/inspection.js';
import * as rehearsal from '../../source/store/rehearsal/statements.js';
import { childRows, repeatedCommands, stepIssues } from '../../source/store/runaway/behaviours.js';
import { eventPace, startsByName, startsLately, startsLike } from '../../source/store/runaway/reader.js';
import type { Sql } from '../../source/store/sql.js';
import { firstError } from '../../source/store/stale-facts/failures.js';
import { finishedWithin, loadedWithNeighbours } from '../../source/store/stale-facts/reader.js';
import { recentClaims } from '../../source/store/stale-facts/recent-claims.js';
import { recordedFacts } from '../../source/store/stale-facts/recorded-facts.js';
import { rowCounts } from '../../source/store/stale-facts/row-counts.js';
import { eventsPage } from '../../source/store/timeline.js';
import { inlineLinks, inlineWindow } from '../../source/store/tree/inline-children.js';
import { childCounts } from '../../source/store/tree/reader.js';
import { childrenOf, linksBelowNarrow, openChildren } from '../../source/store/tree/search.js';
import { cancellationCheck, cancellationChecks } from '../../source/store/worker/check-batcher.js';
import {
  appendWorkerEvent,
  commandHistory,
  isCancelled,
  unnamedCommandHistory,
} from '../../source/store/worker/command-event.js';
import { createTestDatabase, type TestDatabase } from '../helpers/database.js';

/** Smaller partitions fit into a few pages, which are read faster in sequence than through any index. */
const SMALL_PARTITION_ROWS = 1000;
const EVENTS = 150_000;
const LARGEST_ID = '9223372036854775807';

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly Plans?: readonly PlanNode[];
}

const tables = tablesIn('noetl');
const request = { reason: 'test', cancelledBy: 'test', cascade: true, batchId: 'b', source: 'test' };
let database: TestDatabase;
let large: ReadonlySet<string>;
let ids: string[];

/** Every statement there is on the event table, under its function's name. */
function statements(): Record<string, readonly Sql[]> {
  const [one] = ids as [string];
  const some = ids.slice(0, 5);
  const now = Date.now();
  const ranges = newestRangesFirst([`FOR VALUES FROM ('${one}') TO ('${LARGEST_ID}')`], now).slice(0, 2);
  const filter = { status: 'ALL', limit: 50 } as const;
  const recent = (types: readonly string[], further: object = {}) =>
    recentExecutionIds(tables, { ...filter, ...further }, types);
  const targets = ids.slice(0, 250).map((executionId) => ({
    executionId,
    parentExecutionId: null,
    layout: 'rust' as const,
    eventTypes: ['playbook.cancelled', 'execution.cancelled'],
    ...cancelRows({ executionId, rootId: executionId, stack: 'rust' }, request)[0]!,
  }));
  const append = (count: number) =>
    appendCancelRows(tables, targets.slice(0, count), { hasPrevEventId: true, quietSince: now });
  const event = {
    executionId: one,
    eventType: COMMAND_CANCELLED,
    step: 'fetch',
    commandId: 'c',
    workerId: 'w',
    status: 'CANCELLED',
    meta: {},
    context: null,
  };
  return {
    activeExecutions: [activeExecutions(tables), ...ranges.map((range) => activeExecutions(tables, range))],
    recentlyActive: [recentlyActive(tables, 86_400_000, 20_000)],
    executionsById: [[one], some, ids].map((list) => executionsById(tables, list)),
    recentExecutionIds: [
      recent(START_TYPES),
      recent(COMPLETED_TYPES),
      recent(FAILED_TYPES),
      recent(CANCELLED_TYPES),
      recent(START_TYPES, { catalogIds: ids.slice(0, 20) }),
      recent(START_TYPES, { parentExecutionId: one }),
      recent(START_TYPES, { since: now - 3_600_000 }),
    ],
    childrenOf: [[one], ids].map((list) => childrenOf(tables, list, 10_000)),
    linksBelowNarrow: [linksBelowNarrow(tables, some, 500, 10_000)],
    openChildren: [openChildren(tables, one)],
    inlineWindow: [[one], ids].map((list) => inlineWindow(tables, list)),
    inlineLinks: [inlineLinks(tables, '1', LARGEST_ID, 20_000)],
    childCounts: [[one], ids].map((list) => childCounts(tables, list)),
    eventsPage: [
      {},
      { after: '5' },
      { before: LARGEST_ID, payloads: true },
      { failuresOnly: true },
      { after: '5', containing: 'no event has this' },
    ].map((page) => eventsPage(tables, one, { limit: 100, ...page })),
    eventsSince: [eventsSince(tables, now - 60_000, 5000)],
    childStatuses: [[one], some].map((list) => details.childStatuses(tables, list, 600_000)),
    cancellationsOf: [[one], some].map((list) => details.cancellationsOf(tables, list)),
    newestCommandEvents: [[one], some].map((list) => details.newestCommandEvents(tables, list)),
    logPage: [
      rehearsal.logPage(
        tables,
        { micros: String((now - 3_600_000) * 1000), executionId: '0', eventId: '0' },
        now,
        10_000,
      ),
    ],
    logsOf: [[one], some, ids].map((list) => rehearsal.logsOf(tables, list, 3_600_000)),
    newestCommands: [newestCommands(tables)],
    finishedWithin: [finishedWithin(tables, 600_000)],
    recentClaims: [recentClaims(tables, now - 600_000)],
    firstError: [firstError(tables, one)],
    rowCounts: [some, ids].map((list) => rowCounts(tables, list, 1000)),
    recordedFacts: [[one], some, ids].flatMap((list) => [
      recordedFacts(tables, list),
      recordedFacts(tables, list, 'left-out'),
    ]),
    stepIssues: [[one], ids].map((list) => stepIssues(tables, list, 20_000)),
    repeatedCommands: [[one], ids].map((list) => repeatedCommands(tables, list, 20_000, 5)),
    childRows: [[one], ids].map((list) => childRows(tables, list, 20_000)),
    eventPace: [[one], ids].map((list) => eventPace(tables, list)),
    startsByName: [['team1/flow_1'], ['a', 'b', 'c']].map((list) => startsByName(tables, list, 2000)),
    startsLike: [startsLike(tables, some.slice(0, 3), 2000)],
    startsLately: [startsLately(tables, ['a'], 10_000)],
    loadedWithNeighbours: [
      loadedWithNeighbours(
        tables,
        some.map((executionId) => ({ executionId, ingestTime: '2026-01-01T00:00:00Z', lastEventAt: now - 1e9 })),
      ),
    ],
    commandEvents: [[one], ids].map((list) =>
      commandEvents(
        tables,
        list,
        list.map(() => '0'),
        true,
      ),
    ),
    cancellationCheck: [cancellationCheck(tables, one)],
    cancellationChecks: [cancellationChecks(tables, some)],
    appendCancelRows: [append(1), append(250)],
    logFacts: [logFacts(tables, 200, true)],
    cancelBlockers: [[one], ids].map((list) => cancelBlockers(tables, list)),
    recentCancelRows: [recentCancelRows(tables, 50, null), recentCancelRows(tables, 50, now - 1e7)],
    batchCancelRows: [batchCancelRows(tables, 'b', null), batchCancelRows(tables, 'b', now - 1e7)],
    cancelBatchRows: [
      { limit: 5000 },
      { limit: 5000, before: `${now * 1000} ${one} 5` },
      { limit: 5000, since: now - 60_000, anyCancel: true },
    ].map((piece) => cancelBatchRows(tables, piece)),
    commandHistory: [commandHistory(tables, one, 'c')],
    unnamedCommandHistory: [unnamedCommandHistory(tables, one, 'c')],
    isCancelled: [isCancelled(tables, one)],
    appendWorkerEvent: [appendWorkerEvent(tables, event, true)],
  };
}

/** A part of other statements, not one itself. */
const PARTS = ['endsOf'];

/** Functions of source/store that mention the event table, whatever file they are in. */
async function functionsOnEvents(): Promise<string[]> {
  const folder = new URL('../../source/store/', import.meta.url);
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const modules: Record<string, unknown>[] = await Promise.all(files.map((name) => import(new URL(name, folder).href)));
  return modules
    .flatMap((module) => Object.entries(module))
    .filter(([, value]) => typeof value === 'function' && /FROM \$\{tables\.event\}/.test(String(value)))
    .map(([name]) => name);
}

function sequentialScans(node: PlanNode): string[] {
  const relation = node['Relation Name'] ?? '';
  const own = node['Node Type'].includes('Seq Scan') && large.has(relation) ? [relation] : [];
  return [...own, ...(node.Plans ?? []).flatMap(sequentialScans)];
}

beforeAll(async () => {
  database = await createTestDatabase({ empty: true });
  await generate(database.url, EVENTS, false);
  const partitions = await database.pool.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent = 'noetl.event'::regclass AND c.reltuples > $1`,
    [SMALL_PARTITION_ROWS],
  );
  large = new Set(partitions.rows.map(({ name }) => name));
  const chosen = await database.pool.query<{ id: string }>(
    `SELECT execution_id::text AS id FROM bench.execution WHERE NOT inline ORDER BY hashint8(execution_id) LIMIT 1000`,
  );
  ids = chosen.rows.map(({ id }) => id);
}, 180_000);
afterAll(() => database?.close());

describe('on 150,000 events in 17 partitions', () => {
  it('has data in several partitions of a size that a scan would cost', () => {
    expect(large.size).toBeGreaterThan(6);
  });

  it('plans no sequential scan of one of them, whatever the statement', async () => {
    const scans: Record<string, string[]> = {};
    for (const [name, list] of Object.entries(statements())) {
      for (const [number, { text, values }] of list.entries()) {
        const { rows } = await database.pool.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
          `EXPLAIN (FORMAT JSON) ${text}`,
          [...values],
        );
        const found = sequentialScans(rows[0]!['QUERY PLAN'][0].Plan);
        if (found.length > 0) scans[`${name} ${number}`] = found;
      }
    }
    expect(scans).toEqual({});
  }, 120_000);

  it('covers every statement on the event table', async () => {
    const covered = new Set([...Object.keys(statements()), ...PARTS]);
    const functions = await functionsOnEvents();
    expect(functions.length).toBeGreaterThan(15);
    expect(functions.filter((name) => !covered.has(name))).toEqual([]);
  });

  it('would notice one', async () => {
    const { rows } = await database.pool.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
      `EXPLAIN (FORMAT JSON) SELECT count(*) FROM noetl.event WHERE context::text LIKE '%x%'`,
    );
    expect(sequentialScans(rows[0]!['QUERY PLAN'][0].Plan).length).toBe(large.size);
  });
});
