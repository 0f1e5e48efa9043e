import { operator } from '../cli/args/cancel-request.js';
import { ConfigurationError } from '../cli/args/usage-error.js';
import { settingsOfProgram, shardsOfProgram } from '../cli/config/connection-settings.js';
import { schemaFrom } from '../cli/config/environment.js';
import { SOURCE_NAME } from '../cli/version.js';
import type { CancelRequest } from '../domain/cancellation.js';
import { CONDITION_CODES } from '../domain/conditions/conditions.js';
import { DEFAULT_STALE_AFTER_MS } from '../domain/execution-status.js';
import { passes } from '../domain/filter.js';
import { STALE_CODES } from '../domain/staleness/staleness-types.js';
import { openServerWriter, readAddress, readToken, type ServerConnection } from '../noetl-server/address.js';
import { newCancelRequest } from '../service/cancel/cancel-plan.js';
import type { CleanupPlan } from '../service/cleanup/cleanup.js';
import { factsOf } from '../service/filter-facts.js';
import { readFilteredList, readList } from '../service/list.js';
import { loadTree } from '../service/tree.js';
import { createServices, type Services } from '../service/use-cases.js';
import type { ConnectionSettings } from '../store/connection/settings.js';
import { openPostgresEventStore } from '../store/postgres-event-store.js';
import { openShardedEventStore, type ShardedSettings } from '../store/shards/sharded-event-store.js';
import {
  checkedFilter,
  checkedId,
  checkedIds,
  checkedLimit,
  checkedMs,
  checkedRate,
  checkedReason,
  checkedWord,
} from './checked-arguments.js';
import {
  type CancelOptions,
  type CleanupCriteria,
  type CleanupOptions,
  type ClientOptions,
  LIST_STATUSES,
  type NoetlClient,
  type PlanCancelOptions,
  type PlannedCancel,
  type ServerOptions,
} from './client-types.js';

const CLEANUP_REASON = 'Cleanup stale execution';
const DEFAULT_LIMIT = 50;
const DEFAULT_FOLLOW_MS = 30_000;

/**
 * Opens a client. It connects at its first question, and keeps no process alive while nothing is asked.
 *
 * @throws ConfigurationError for a connection, schema or server that cannot be used as it is given; UsageError for `as`.
 */
export function openClient(options: ClientOptions): NoetlClient {
  const opened = databasesOf(options);
  const cancelledBy = operator(options.as, 'as');
  const server = options.server === undefined ? null : serverOf(options.server);
  const store = 'shards' in opened ? openShardedEventStore(opened) : openPostgresEventStore(opened);
  const { readOnly } = 'shards' in opened ? (opened.shards[0] ?? {}) : opened;
  // A read-only client keeps the table's writer, which refuses.
  const services = createServices(store, server && !readOnly ? openServerWriter(server, store) : undefined);
  return clientOn(services, (given) => newCancelRequest({ ...given, cancelledBy, source: SOURCE_NAME }));
}

function databasesOf(options: ClientOptions): ConnectionSettings | ShardedSettings {
  const { databaseUrl, settings, shards, cluster, schema, readOnly } = options;
  const given = Object.entries({ databaseUrl, settings, shards }).flatMap(([name, value]) => (value ? [name] : []));
  if (given.length !== 1) {
    const problem = given.length === 0 ? 'none is set' : `not ${given.join(' and ')}`;
    throw new ConfigurationError(`openClient needs one of databaseUrl, settings and shards: ${problem}`);
  }
  if (cluster !== undefined && shards === undefined) throw new ConfigurationError('cluster needs shards');
  const named = schema === undefined ? undefined : schemaFrom(schema, undefined, {}, 'schema');
  const finish = (found: ConnectionSettings): ConnectionSettings => ({
    ...found,
    schema: named ?? found.schema,
    readOnly: readOnly ?? found.readOnly ?? false,
  });
  if (!shards) return finish(settings ?? settingsOfProgram(databaseUrl as string, named, process.env));
  const all = shardsOfProgram(shards, cluster, named, process.env);
  return { shards: all.shards.map(finish), cluster: all.cluster && finish(all.cluster) };
}

function serverOf(given: string | ServerOptions): ServerConnection {
  const { url, token = null } = typeof given === 'string' ? { url: given } : given;
  const read = readAddress(url);
  if (!read.ok) throw new ConfigurationError(`server ${read.problem}`);
  const checked = (text: string): string => {
    const word = readToken(text);
    if (!word.ok) throw new ConfigurationError(`the token of server ${word.problem}`);
    return word.token;
  };
  if (typeof token === 'string') checked(token);
  return {
    address: read.address,
    token: async () => (token === null ? null : checked(typeof token === 'string' ? token : await token())),
  };
}

type NewRequest = (given: Pick<CancelRequest, 'reason' | 'cascade'>) => CancelRequest;

function clientOn(services: Services, newRequest: NewRequest): NoetlClient {
  const { store, cancel, cleanup, conditions, describe, diagnose, follow, runaway } = services;
  let closing: Promise<void> | null = null;

  async function planCancel(ids: readonly string[], options: PlanCancelOptions = {}): Promise<PlannedCancel> {
    const { cascade = false, signal } = options;
    return { ...(await cancel.plan(checkedIds(ids), { cascade, ...reading(signal) })), cascade };
  }

  async function planCleanup(criteria: CleanupCriteria = {}): Promise<CleanupPlan> {
    const { include, limit, despite, signal } = criteria;
    const filter = checkedFilter(criteria.filter);
    return cleanup.plan({
      olderThanMs: thresholdOf('olderThanMs', criteria.olderThanMs),
      ...(include && { include: include.map((code) => checkedWord('include', code, STALE_CODES)) }),
      ...(despite && { despite: despite.map((code) => checkedWord('despite', code, CONDITION_CODES)) }),
      ...(limit === undefined ? {} : { limit: checkedLimit(limit) }),
      ...(filter.length > 0 && {
        wanted: ({ execution, diagnosis }, clock) => passes(filter, factsOf(execution, { diagnosis }), clock),
      }),
      ...reading(signal),
    });
  }

  return {
    connection: store.connection,

    async list({ status = 'all', path, filter, parent, since, limit = DEFAULT_LIMIT, staleAfterMs, ...rest } = {}) {
      const { signal = new AbortController().signal } = rest;
      const words = checkedFilter(filter);
      const given = {
        status: checkedWord('status', status, LIST_STATUSES),
        limit: checkedLimit(limit),
        staleAfterMs: thresholdOf('staleAfterMs', staleAfterMs),
        path,
        ...(parent === undefined ? {} : { parent: checkedId(parent) }),
        since,
      };
      if (words.length === 0) return { ...(await readList(store, given, signal)), lookedAt: null };
      const { rows, asOf, lookedAt } = await readFilteredList(services, given, words, signal);
      return { executions: rows.map(({ execution }) => execution), asOf, lookedAt };
    },

    stale: async ({ olderThanMs, polling = false, signal } = {}) =>
      diagnose.diagnoseStale({ olderThanMs: thresholdOf('olderThanMs', olderThanMs), polling, ...reading(signal) }),

    runaway: async ({ thresholds = {}, staleAfterMs, wanted, signal } = {}) =>
      runaway.find({
        thresholds,
        staleAfterMs: thresholdOf('staleAfterMs', staleAfterMs),
        wanted,
        ...reading(signal),
      }),

    tree: async (id, { signal } = {}) => loadTree(store, checkedId(id), reading(signal)),

    async describe(given, { staleAfterMs, signal } = {}) {
      const id = checkedId(given);
      const options = { staleAfterMs: thresholdOf('staleAfterMs', staleAfterMs), ...reading(signal) };
      return (await describe.describe([id], options)).get(id) ?? null;
    },

    planCancel,

    async cancel(wanted: PlannedCancel | readonly string[], options: CancelOptions & PlanCancelOptions = {}) {
      const { quietSince } = options;
      const reason = checkedReason(options.reason);
      const running = runOptions(options);
      const plan = isPlan(wanted) ? wanted : await planCancel(wanted, options);
      const request = newRequest({ reason, cascade: plan.cascade });
      return cancel.run(plan, request, { ...running, quietSince });
    },

    follow: async (report, { timeoutMs = DEFAULT_FOLLOW_MS, signal, onSnapshot } = {}) =>
      follow.follow(report, {
        timeoutMs: checkedMs('timeoutMs', timeoutMs),
        onSnapshot,
        ...reading(signal),
      }),

    planCleanup,

    async cleanup(wanted: CleanupPlan | CleanupCriteria = {}, options: CleanupOptions = {}) {
      const reason = checkedReason(options.reason) ?? CLEANUP_REASON;
      const running = runOptions(options);
      const plan = 'targets' in wanted ? wanted : await planCleanup(wanted);
      return cleanup.run(plan, newRequest({ reason, cascade: false }), running);
    },

    conditions: async ({ signal } = {}) => conditions.read(reading(signal)),

    gaps: () => store.shards?.gaps() ?? [],

    close() {
      closing ??= store.close();
      return closing;
    },
  };
}

const isPlan = (wanted: PlannedCancel | readonly string[]): wanted is PlannedCancel =>
  typeof wanted === 'object' && 'targets' in wanted;

const thresholdOf = (name: string, ms: number = DEFAULT_STALE_AFTER_MS): number => checkedMs(name, ms);

const reading = (signal: AbortSignal | undefined): { signal?: AbortSignal } => (signal ? { signal } : {});

/** The part of the options that the runs of a cancel and of a cleanup share. */
function runOptions<Progress>(given: {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  readonly ratePerSecond?: number | undefined;
}): { signal?: AbortSignal; onProgress?: (progress: Progress) => void; ratePerSecond?: number } {
  const { signal, onProgress, ratePerSecond } = given;
  return {
    ...reading(signal),
    onProgress,
    ...(ratePerSecond === undefined ? {} : { ratePerSecond: checkedRate(ratePerSecond) }),
  };
}
