import type { FastifyInstance } from 'fastify';
import { type ApiLogging, createApi } from '../../source/http/api.js';
import { createServices } from '../../source/service/use-cases.js';
import type { EventStore } from '../../source/store/event-store.js';
import { createTestDatabase, type TestDatabase } from '../helpers/database.js';
import { openStore } from '../helpers/store.js';

export interface ApiFixture {
  readonly db: TestDatabase;
  readonly store: EventStore;
  readonly app: FastifyInstance;
  close(): Promise<void>;
}

/** The API on a database of its own, without a socket. */
export async function openApi(
  options: { token?: string; logger?: ApiLogging; requireReason?: boolean } = {},
): Promise<ApiFixture> {
  const db = await createTestDatabase();
  // Without a worker's row liveness is unknown, and then nothing that waits is safe to clean.
  await db.pool.query(`INSERT INTO noetl.runtime (runtime_id, name, kind, status, heartbeat, created_at)
    VALUES (1, 'worker-idle', 'worker_pool', 'ready', now() + interval '1 min', now() - interval '1 hour')`);
  const store = openStore(db.url);
  const app = await createApi({
    services: createServices(store),
    token: options.token ?? null,
    version: '9.9.9',
    logger: options.logger ?? false,
    requireReason: options.requireReason,
  });
  return {
    db,
    store,
    app,
    close: async () => {
      await app.close();
      await store.close();
      await db.close();
    },
  };
}
