/** The least that a Node program does that asks a database one thing: connect, one statement with a parameter, end. */
import pg from 'pg';

const client = new pg.Client(process.env.DATABASE_URL);
await client.connect();
await client.query('SELECT count(*) FROM noetl.event WHERE execution_id = $1::bigint', [process.argv[2]]);
await client.end();
