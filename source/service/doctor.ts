import { CONDITION_CODES, type ConditionCode, type EngineState, provesLife } from '../domain/conditions/conditions.js';
import type { ExecutionId } from '../domain/execution-id.js';
import { DEFAULT_THRESHOLDS } from '../domain/staleness/stale-facts.js';
import { missingGrants } from '../store/connection/degraded.js';
import type { WorkerRecord } from '../store/event-store.js';
import type { DatabaseFacts } from '../store/inspection.js';
import { formatDuration } from '../text/duration.js';
import { plural } from '../text/words.js';

/** One finding of `doctor`. */
export interface Check {
  readonly name:
    | ('connection' | 'schema' | 'privileges' | 'rights' | 'clock' | 'indexes' | 'workers')
    | ConditionCode
    | ('server' | 'events' | 'cancel' | 'routing');
  readonly level: 'ok' | 'warning' | 'problem';
  readonly finding: string;
  /** What to fix; null where nothing needs fixing. */
  readonly remedy: string | null;
  /** The shard that it is about; absent where one database is all there is, and for what concerns all of them. */
  readonly shard?: string;
}

/** Without these columns of `event` nothing works (event-store.md, "Tables"). */
const NEEDED_COLUMNS = [
  ...['execution_id', 'event_id', 'catalog_id', 'parent_execution_id', 'created_at', 'event_type', 'node_id'],
  ...['node_name', 'node_type', 'status', 'context', 'result', 'meta', 'worker_id', 'error'],
];
/** Indexes that the console's reads lean on, by the columns that they must begin with. */
const NEEDED_INDEXES = [
  ['execution_id', 'event_id'],
  ['execution_id', 'event_type'],
  ['event_type'],
  ['created_at'],
  ['parent_execution_id'],
];
/** More than this between the two clocks makes ages on the screen wrong enough to mislead. */
const CLOCK_SKEW_MS = 5_000;

/** Judges what a database is like: can it be read and cancelled on, and how well. Pure. */
export function checkDatabase(facts: DatabaseFacts, schema: string, user: string): Check[] {
  return [
    connection(facts),
    ...schemaChecks(facts, schema),
    ...privileges(facts, schema, user),
    ...rights(facts, user),
    clock(facts),
    ...indexes(facts),
  ];
}

const ok = (name: Check['name'], finding: string): Check => ({ name, level: 'ok', finding, remedy: null });
const warning = (name: Check['name'], finding: string, remedy: string): Check => ({
  name,
  level: 'warning',
  finding,
  remedy,
});
const problem = (name: Check['name'], finding: string, remedy: string): Check => ({
  name,
  level: 'problem',
  finding,
  remedy,
});

function connection({ server }: DatabaseFacts): Check {
  const how = server.encrypted === null ? '' : server.encrypted ? ', encrypted' : ', not encrypted';
  const what = `PostgreSQL ${server.version}${how}`;
  if (server.inRecovery)
    return warning('connection', `${what}, a standby: it is read-only`, 'connect to the primary to cancel');
  if (server.readOnly) {
    return warning('connection', `${what}, read-only by default`, 'connect where default_transaction_read_only is off');
  }
  return ok('connection', what);
}

function schemaChecks({ schema, tables }: DatabaseFacts, name: string): Check[] {
  if (!schema.exists) {
    return [problem('schema', `schema ${name} does not exist`, 'check --database-url, and --schema or NOETL_SCHEMA')];
  }
  const event = tables.find((table) => table.name === 'event');
  if (!event) return [problem('schema', `schema ${name} has no table event`, 'check --schema or NOETL_SCHEMA')];
  const missing = NEEDED_COLUMNS.filter((column) => !event.columns.includes(column));
  if (missing.length > 0) {
    return [
      problem(
        'schema',
        `${name}.event lacks ${missing.join(', ')}`,
        "check that this is NoETL's schema, and bring it up to date",
      ),
    ];
  }
  const checks = [
    ok('schema', `${name}.event with ${plural(event.partitions, 'partition')} and ${event.columns.length} columns`),
  ];
  if (!event.columns.includes('prev_event_id')) {
    checks.push(ok('schema', 'an older install: no prev_event_id, so rows are not chained'));
  }
  if (!tables.some((table) => table.name === 'catalog')) {
    const finding = `schema ${name} has no table catalog: executions have no paths`;
    checks.push(warning('schema', finding, "bring NoETL's schema up to date"));
  }
  return checks;
}

/** All missing privileges at once, worst first, so that one request to the administrator is enough. */
function privileges({ schema, tables }: DatabaseFacts, name: string, user: string): Check[] {
  if (!schema.exists) return [];
  const remedy = missingGrants(name, user, { usable: schema.usable, tables })
    .map((grant) => `${grant};`)
    .join(' ');
  if (remedy === '') return [ok('privileges', `${user} may read and cancel`)];
  const event = tables.find((table) => table.name === 'event');
  const unread = (table: string) => tables.some((each) => each.name === table && !each.canSelect);
  const fatal = [!schema.usable && `use schema ${name}`, event && !event.canSelect && `read ${name}.event`].filter(
    Boolean,
  );
  if (fatal.length > 0) return [problem('privileges', `${user} may not ${fatal.join(' or ')}`, remedy)];
  const lesser = [
    event && !event.canInsert && `may read but not cancel: no INSERT on ${name}.event`,
    unread('catalog') && `sees no paths: no SELECT on ${name}.catalog`,
    unread('runtime') && `cannot check whether workers are alive: no SELECT on ${name}.runtime`,
  ].filter(Boolean);
  return [warning('privileges', `${user} ${lesser.join('; ')}`, remedy)];
}

function rights({ server }: DatabaseFacts, user: string): Check[] {
  if (server.rights.length === 0) return [];
  const isSuper = server.rights.includes('superuser');
  const finding = isSuper
    ? `${user} is a superuser; query gives that up for pg_read_all_data, everything else keeps it`
    : `${user} reaches the server's files or programs (${server.rights.join(', ')}), and so does what query runs`;
  const remedy = 'connect as a role with the GRANTs of docs/security.md; for query, set NOETL_QUERY_ROLE';
  return [warning('rights', finding, remedy)];
}

function clock({ server }: DatabaseFacts): Check {
  const skew = server.localClock - server.clock;
  if (Math.abs(skew) < CLOCK_SKEW_MS) return ok('clock', 'this machine and the database agree');
  const finding = `this machine is ${formatDuration(Math.abs(skew))} ${skew > 0 ? 'ahead of' : 'behind'} the database`;
  return warning('clock', finding, "set the clocks (NTP); ages use the database's clock");
}

function indexes({ tables, eventIndexes }: DatabaseFacts): Check[] {
  if (!tables.some((table) => table.name === 'event')) return [];
  const missing = NEEDED_INDEXES.filter(
    (wanted) => !eventIndexes.some((index) => wanted.every((column, place) => index[place] === column)),
  );
  if (missing.length === 0) return [ok('indexes', 'all indexes that the console needs exist')];
  const named = missing.map((columns) => `(${columns.join(', ')})`).join(', ');
  return [
    warning('indexes', `event has no index that begins with ${named}`, "reads will be slow; run NoETL's migrations"),
  ];
}

/** Judges the workers that have registered; null where noetl.runtime is absent or empty. */
export function checkWorkers(workers: readonly WorkerRecord[] | null, now: number): Check {
  const pools = workers?.filter((worker) => worker.kind === 'worker_pool') ?? [];
  if (pools.length === 0) {
    const remedy = 'claims then count as live; cleanup skips such executions';
    return warning('workers', 'no worker has registered: worker liveness unknown', remedy);
  }
  const alive = pools.filter((worker) => provesLife(worker, now, DEFAULT_THRESHOLDS.workerSilentMs));
  const finding = `${alive.length} of ${plural(pools.length, 'worker pool')} alive`;
  return alive.length === pools.length
    ? ok('workers', finding)
    : warning(
        'workers',
        `${finding}; the others are offline or have not reported for 90s or more`,
        'noetl-console stale shows what they held',
      );
}

/** One check for each condition of the engine: while one holds, nothing is safe to clean up. Pure. */
export function checkEngine(engine: EngineState): Check[] {
  const holds = new Set(engine.conditions.map(({ code }) => code));
  // One database has no shards; of several, each has a check of its connection.
  return CONDITION_CODES.filter((code) => code !== 'shard-down' || holds.has(code)).map((code): Check => {
    const held = engine.conditions.find((condition) => condition.code === code);
    // Where only time is needed, no fix is suggested.
    if (held) return (held.until === null ? problem : warning)(code, held.sentence, held.remedy);
    const unknown = engine.unknown.find((each) => each.code === code);
    return ok(code, unknown ? `unknown: ${unknown.why}` : WELL[code]);
  });
}

const WELL: Readonly<Record<ConditionCode, string>> = {
  'no-workers': 'no command waits for want of a worker',
  'workers-returned': 'live workers have been registered for 10m or more, or there are none',
  'log-behind': 'the log has the newest commands',
  'engine-down': 'a server beats, or none is registered',
  'shard-down': 'every shard answers',
};

/**
 * Whether each shard holds what belongs there. A list in another order, or with a shard too many or too few, still shows
 * every execution in lists, and then finds none of them by id. Pure.
 */
export function checkRouting(
  held: readonly { readonly shard: number; readonly executionIds: readonly ExecutionId[] }[],
  shardOf: (id: ExecutionId) => number,
): Check {
  const all = held.flatMap(({ shard, executionIds }) =>
    executionIds.map((executionId) => ({ executionId, shard, home: shardOf(executionId) })),
  );
  const strays = all.filter(({ home, shard }) => home !== shard);
  const [first] = strays;
  if (!first) {
    const finding =
      all.length === 0
        ? 'no execution yet to check the order of the shards by'
        : `${plural(all.length, 'execution')} looked at, each on its own shard`;
    return { name: 'routing', level: 'ok', finding, remedy: null };
  }
  return {
    name: 'routing',
    level: 'problem',
    finding: `${strays.length} of ${plural(all.length, 'execution')} are on another shard than their ids say: ${first.executionId} is on shard ${first.shard} and belongs on shard ${first.home}`,
    remedy: 'give the shards in the order and the number that the server has them in (its NOETL_SHARDS)',
  };
}
