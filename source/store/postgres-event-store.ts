import { cancellationWriter } from './cancellations/append.js';
import { batchReader } from './cancellations/batches.js';
import { cancellationReader, cancelStateReader } from './cancellations/records.js';
import { commandEventReader } from './commands.js';
import { capabilityProbe } from './connection/capabilities.js';
import type { StoreContext } from './connection/context.js';
import { Pools } from './connection/pools.js';
import type { ConnectionSettings } from './connection/settings.js';
import { tablesIn } from './connection/tables.js';
import { detailsReader } from './details/reader.js';
import { engineFactsReader } from './engine-facts.js';
import type { Connection, EventStore } from './event-store.js';
import { type CatalogSearch, executionReader } from './executions/reader.js';
import { feedReader } from './feed.js';
import { queryRunner } from './read-only-query/runner.js';
import { workerReader } from './registered-workers.js';
import { rehearsalReader } from './rehearsal/reader.js';
import { runawayReader } from './runaway/reader.js';
import { withoutSecrets } from './secrets.js';
import { staleFactsReader } from './stale-facts/reader.js';
import { timelineReader } from './timeline.js';
import { type TreeParts, treeReader } from './tree/reader.js';
import { workerProtocolStore } from './worker/ports.js';

/**
 * The event store on one PostgreSQL database. Opens no connection until it is asked something.
 * Every method throws StoreError only.
 */
export function openPostgresEventStore(settings: ConnectionSettings): EventStore & CatalogSearch & TreeParts {
  const { host, port, database, user, schema } = settings;
  const shown = { host: withoutSecrets(host), database: withoutSecrets(database), user: withoutSecrets(user) };
  const connection: Connection = { ...shown, port, schema };
  const base = { pools: new Pools(settings), tables: { ...tablesIn(schema) }, schema, database };
  const context: StoreContext = { ...base, ...capabilityProbe(base) };
  return {
    connection,
    ...executionReader(context),
    ...treeReader(context),
    ...timelineReader(context),
    ...feedReader(context),
    ...workerReader(context),
    ...cancellationWriter(context),
    ...cancellationReader(context),
    ...cancelStateReader(context),
    ...batchReader(context),
    ...commandEventReader(context),
    ...staleFactsReader(context),
    ...detailsReader(context),
    ...engineFactsReader(context),
    ...runawayReader(context),
    ...rehearsalReader(context),
    ...queryRunner(context),
    ...workerProtocolStore(context),
    connected: context.pools.connected,
    close: () => context.pools.close(),
  };
}
