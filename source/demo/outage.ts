import pg from 'pg';

/** Where a demo's operator says that the workers are gone; a schema of its own, for NoETL's stays as NoETL makes it. */
const SCHEMA = 'demo_control';

export const outageSql = `
CREATE SCHEMA ${SCHEMA};
CREATE TABLE ${SCHEMA}.outage (id integer PRIMARY KEY DEFAULT 1 CHECK (id = 1), until timestamptz NOT NULL);
INSERT INTO ${SCHEMA}.outage (until) VALUES ('-infinity');`;

/** Whether the workers are gone now. */
export async function isOutage(pool: pg.Pool): Promise<boolean> {
  const { rows } = await pool.query<{ out: boolean }>(`SELECT until > now() AS out FROM ${SCHEMA}.outage`);
  return rows[0]?.out ?? false;
}

/**
 * Takes the workers of a running demo away for so many milliseconds from now; 0 brings them back. Whoever runs the demo,
 * a console or `noetl-console demo`, sees it within a second.
 */
export async function setOutage(databaseUrl: string, lastsMs: number): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 5000 });
  await client.connect();
  try {
    await client.query(`UPDATE ${SCHEMA}.outage SET until = now() + $1 * interval '1 millisecond'`, [lastsMs]);
  } finally {
    await client.end();
  }
}
