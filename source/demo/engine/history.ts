import { type BackdatedSpec, type BackdatedTree, tellTree } from './backdated-tree.js';
import type { EventRecord } from './event-row.js';
import { Executions } from './executions.js';
import { IdSource } from './id-source.js';
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
import { strangeRecords } from './strange-executions.js';

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
