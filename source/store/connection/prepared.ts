import { createHash } from 'node:crypto';
import type pg from 'pg';
import type { Sql } from '../sql.js';

/** Connections that lead to one backend of the server for as long as they live. */
const direct = new WeakSet<pg.PoolClient>();
const names = new Map<string, string>();

/**
 * Finds out whether statements may be prepared on a new connection: the process that the server names is then the one
 * that answers. A pooler like PgBouncer names one that it has made up, and in transaction mode gives each transaction
 * another backend, which knows nothing of what was prepared before. Nothing waits for the answer; until it is there,
 * statements are sent unnamed.
 */
export function lookForPooler(client: pg.PoolClient): void {
  client.query<{ pid: number }>('SELECT pg_catalog.pg_backend_pid() AS pid').then(
    ({ rows: [row] }) => {
      const { processID } = client as unknown as { processID?: number | null };
      if (row && row.pid === processID) direct.add(client);
    },
    () => {},
  );
}

/**
 * The name under which the server keeps a statement's plan, where it may: it then plans it five times with its values,
 * and once for all further ones where that promises to be as good.
 */
export function preparedName(client: pg.PoolClient, { name, text, keepPlan }: Sql): string | undefined {
  if (!keepPlan || !direct.has(client)) return undefined;
  let known = names.get(text);
  if (known === undefined) {
    // The same name stands for different texts (schemas, what an installation has), and PostgreSQL cuts names at 63 characters.
    known = `${name.slice(0, 40)}-${createHash('sha1').update(text).digest('hex').slice(0, 16)}`;
    names.set(text, known);
  }
  return known;
}
