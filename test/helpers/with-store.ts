import { afterAll, beforeAll } from 'vitest';
import type { EventStore } from '../../source/store/event-store.js';
import { createTestDatabase, type TestDatabase } from './database.js';
import { openStore } from './store.js';

/**
 * A database of a test file's own, with the real store on it: open before its tests, and closed after them. Apart from
 * store.ts, which torture and bench use without vitest.
 */
export function withStore(
  take: (opened: { readonly db: TestDatabase; readonly store: EventStore }) => void,
  options?: Parameters<typeof createTestDatabase>[0],
): void {
  let opened: { readonly db: TestDatabase; readonly store: EventStore } | null = null;
  beforeAll(async () => {
    const db = await createTestDatabase(options);
    opened = { db, store: openStore(db.url) };
    take(opened);
  });
  afterAll(async () => {
    await opened?.store.close();
    await opened?.db.close();
  });
}
