import type { EventStore } from '../../source/store/event-store.js';
import { openPostgresEventStore } from '../../source/store/postgres-event-store.js';
import type { BenchDatabase } from './databases.js';

/** The console's own store on a database of the benchmark. */
export const openStore = (database: BenchDatabase): EventStore => openStoreAt(database.url, database.schema);

/** The same by address, for a process of its own. */
export function openStoreAt(url: string, schema: string): EventStore {
  const { hostname, port, username, password, pathname } = new URL(url);
  return openPostgresEventStore({
    host: hostname,
    port: Number(port),
    user: username,
    password: decodeURIComponent(password),
    database: pathname.slice(1),
    schema,
    ssl: false,
  });
}
