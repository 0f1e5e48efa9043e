/** The least that a Node program does that cancels by hand: connect, insert one row, end. The id is its argument. */
import pg from 'pg';

const client = new pg.Client(process.env.DATABASE_URL);
await client.connect();
await client.query(
  `INSERT INTO noetl.event (execution_id, event_id, catalog_id, event_type, status, node_id, node_name, meta)
   VALUES ($1::bigint, $1::bigint + 1000000, (SELECT min(catalog_id) FROM noetl.catalog), 'execution.cancelled', 'CANCELLED',
     'cancel', 'cancel', '{"reason": "measured"}')`,
  [process.argv[2]],
);
await client.end();
