import type { ConnectionSettings } from '../../source/store/connection/settings.js';
import type { EventStore } from '../../source/store/event-store.js';
import { openPostgresEventStore } from '../../source/store/postgres-event-store.js';
import type { BenchDatabase } from './databases.js';

/** The console's own store on a database of the benchmark. */
export const openStore = (database: BenchDatabase): EventStore => openStoreAt(database.url, database.schema);

/** The same by address, for a process of its own. */
export const openStoreAt = (url: string, schema: string): EventStore => openPostgresEventStore(settingsAt(url, schema));

/** How a store reaches a database of the benchmark. */
export const settingsOf = ({ url, schema }: BenchDatabase): ConnectionSettings => settingsAt(url, schema);

function settingsAt(url: string, schema: string): ConnectionSettings {
  const { hostname, port, username, password, pathname } = new URL(url);
  return {
    host: hostname,
    port: Number(port),
    user: username,
    password: decodeURIComponent(password),
    database: pathname.slice(1),
    schema,
    ssl: false,
  };
}
