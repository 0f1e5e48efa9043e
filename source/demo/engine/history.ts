import type { SnowflakeLayout } from '../../domain/snowflake.js';
import { type BackdatedSpec, type BackdatedTree, tellTree } from './backdated-tree.js';
import { type EventDraft, type EventRecord, IdSource, placeEvent } from './event-row.js';
import { Executions } from './execution-run.js';
import { PLAYBOOKS } from './playbooks.js';
import { seededRandom } from './random.js';
import {
  baselineSpecs,
  cancelledSpecs,
  finishedSpecs,
  importedAt,
  importedSpecs,
  runawaySpecs,
  runningSpecs,
  stuckSpecs,
} from './scenarios.js';

interface Strange {
  readonly agoMs: number;
  readonly layout: SnowflakeLayout;
  readonly path: string;
  readonly parent?: string;
  readonly events: readonly (readonly [eventType: string, status: string | null])[];
}

const MINUTE = 60_000;

/** Logs that no engine of today writes, but that real tables hold. */
const STRANGE: readonly Strange[] = [
  {
    agoMs: 80 * MINUTE,
    layout: 'database',
    path: 'analytics/sessionize',
    events: [
      ['playbook.initialized', 'initialized'],
      ['subscription.opened', null],
      ['frame.sealed', 'CONTEXT'],
    ],
  },
  // A start from before the underscore, whose parent has no rows here; then unknown words.
  {
    agoMs: 7 * 60 * MINUTE,
    layout: 'rust',
    path: 'etl/daily_sales',
    parent: '1234567890123456',
    events: [
      ['playbook.started', 'STARTED'],
      ['quantum.entangled', 'Spinning'],
    ],
  },
  // Older Python servers report the last command after the playbook's end.
  {
    agoMs: 30 * 60 * MINUTE,
    layout: 'database',
    path: 'analytics/sessionize',
    events: [
      ['playbook.initialized', 'INITIALIZED'],
      ['workflow.completed', 'COMPLETED'],
      ['playbook.completed', 'COMPLETED'],
      ['command.completed', 'COMPLETED'],
    ],
  },
  // It failed, and was cancelled afterwards by a tool that looked at the latest event alone.
  {
    agoMs: 11 * 60 * MINUTE,
    layout: 'database',
    path: 'ml/score_customers',
    events: [
      ['playbook.initialized', 'INITIALIZED'],
      ['workflow.initialized', 'initialized'],
      ['workflow.failed', 'FAILED'],
      ['playbook.failed', 'FAILED'],
      ['ctx.updated', 'CONTEXT'],
      ['execution.cancelled', 'CANCELLED'],
    ],
  },
];

/** Their rows, a second apart. */
function strangeRecords(now: number, ids: IdSource, catalogIds: ReadonlyMap<string, string>): EventRecord[] {
  return STRANGE.flatMap(({ agoMs, layout, path, parent, events }) => {
    const startedAt = now - agoMs;
    const executionId = ids.at(startedAt, layout).toString();
    let previous: bigint | null = null;
    return events.map(([eventType, status], index) => {
      const at = startedAt + index * 1000;
      const draft: EventDraft = {
        by: 'orchestrator',
        at,
        event_type: eventType,
        node_id: 'playbook',
        node_name: index === 0 ? path : 'playbook',
        ...(status === null ? {} : { status }),
        ...(parent && index === 0 ? { parent_execution_id: parent } : {}),
      };
      const eventId = ids.at(at, layout);
      const catalogId = catalogIds.get(path) ?? '0';
      const record = placeEvent(draft, {
        executionId,
        catalogId,
        eventId,
        previous,
        stack: layout === 'rust' ? 'rust' : 'python',
      });
      previous = eventId;
      return record;
    });
  });
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const FINISHED = 200;
const RUNNING = 14;

export interface CatalogRow {
  readonly catalog_id: string;
  readonly path: string;
  readonly version: number;
  readonly kind: 'playbook';
  readonly created_at: string;
}

/** All that the demo's database holds when it opens. */
export interface History {
  readonly catalog: readonly CatalogRow[];
  readonly records: readonly EventRecord[];
  /** Trees that go on: a live engine takes them over. */
  readonly live: readonly BackdatedTree[];
  readonly catalogIds: ReadonlyMap<string, string>;
}

/**
 * The past that a seed stands for, written back from `now` (milliseconds since 1970). Times are relative to `now`; ids
 * count from its full hour, so one seed gives one set of ids to all demos that start within an hour.
 */
export function tellHistory(seed: number, now: number): History {
  const ids = new IdSource(now % HOUR);
  const random = seededRandom(seed);
  const catalog = PLAYBOOKS.map(({ path, version }): CatalogRow => {
    const createdAt = now - 40 * DAY;
    return {
      catalog_id: ids.at(createdAt, 'database').toString(),
      path,
      version,
      kind: 'playbook',
      created_at: new Date(createdAt).toISOString().slice(0, -1),
    };
  });
  const catalogIds = new Map(catalog.map((row) => [row.path, row.catalog_id]));
  const executions = new Executions(ids, catalogIds);
  const tell = (kind: string, specs: readonly BackdatedSpec[]): BackdatedTree[] =>
    specs.map((spec, index) => tellTree(spec, executions, random.fork(`${kind}:${index}`)));

  const finished = tell('finished', finishedSpecs(now, random.fork('finished'), FINISHED));
  const baseline = tell('baseline', baselineSpecs(now, random.fork('baseline')));
  const cancelled = tell('cancelled', cancelledSpecs(now, random.fork('cancelled')));
  const imported = tell('imported', importedSpecs(now, random.fork('imported')));
  const live = [
    ...tell('stuck', stuckSpecs(now)),
    ...tell('runaway', runawaySpecs(now)),
    ...tell('running', runningSpecs(now, random.fork('running'), RUNNING)),
  ];
  const loadedAt = new Date(importedAt(now)).toISOString();
  return {
    catalog,
    catalogIds,
    live,
    records: [
      ...[...finished, ...baseline, ...cancelled, ...live].flatMap((tree) => tree.records),
      ...imported.flatMap((tree) => tree.records).map((record) => ({ ...record, ingest_time: loadedAt })),
      ...strangeRecords(now, ids, catalogIds),
    ],
  };
}
