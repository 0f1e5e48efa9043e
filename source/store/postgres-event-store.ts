import type { Connection, EventStore } from './event-store.js';
import { Pools } from './pools.js';
import { cancelStateReader } from './postgres/cancel-states.js';
import { cancellationStore } from './postgres/cancellations.js';
import { commandEventReader } from './postgres/commands.js';
import { capabilityProbe, type StoreContext } from './postgres/context.js';
import { executionReader } from './postgres/executions.js';
import { feedReader, workerReader } from './postgres/feed.js';
import { queryRunner } from './postgres/query-runner.js';
import { staleFactsReader } from './postgres/stale-facts.js';
import { timelineReader } from './postgres/timeline.js';
import { treeReader } from './postgres/tree.js';
import { workerProtocolStore } from './postgres/worker-protocol.js';
import { tablesIn } from './queries/tables.js';
import type { ConnectionSettings } from './settings.js';

/**
 * The event store on one PostgreSQL database. Opens no connection until it is asked something.
 * Every method throws StoreError only.
 */
export function openPostgresEventStore(settings: ConnectionSettings): EventStore {
  const { host, port, database, user, schema } = settings;
  const connection: Connection = { host, port, database, user, schema };
  const base = { pools: new Pools(settings), tables: tablesIn(schema), schema, database };
  const context: StoreContext = { ...base, capabilities: capabilityProbe(base) };
  return {
    connection,
    ...executionReader(context),
    ...treeReader(context),
    ...timelineReader(context),
    ...feedReader(context),
    ...workerReader(context),
    ...cancellationStore(context),
    ...cancelStateReader(context),
    ...commandEventReader(context),
    ...staleFactsReader(context),
    ...queryRunner(context),
    ...workerProtocolStore(context),
    close: () => context.pools.close(),
  };
}
