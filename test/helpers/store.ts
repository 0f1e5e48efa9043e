import type { ConnectionSettings } from '../../source/store/connection/settings.js';
import type { EventStore } from '../../source/store/event-store.js';
import { openPostgresEventStore } from '../../source/store/postgres-event-store.js';

/** The settings of a test database's URL. */
export function settingsOf(url: string, schema = 'noetl'): ConnectionSettings {
  const parsed = new URL(url);
  return {
    host: parsed.hostname,
    port: Number(parsed.port),
    user: decodeURIComponent(parsed.username),
    password: decodeURIComponent(parsed.password),
    database: parsed.pathname.slice(1),
    schema,
    ssl: false,
  };
}

/** The real store on a test database. */
export const openStore = (url: string, schema?: string): EventStore => openPostgresEventStore(settingsOf(url, schema));
