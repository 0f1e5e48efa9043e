/**
 * A server of its own process: `check`, the console's API on a database, or `constant`, the same HTTP library answering a
 * constant of the same shape. Prints its address; ends when its standard input does.
 */

import { fastify } from 'fastify';
import { checkReply } from '../../source/http/schemas.js';
import { startServer } from '../../source/http/server.js';
import { createServices } from '../../source/service/use-cases.js';
import { openStoreAt } from '../harness/store.js';

const [kind, url, schema] = process.argv.slice(2);

async function constant(): Promise<string> {
  const app = fastify({ logger: false });
  app.get<{ Params: { id: string } }>(
    '/api/executions/:id/cancellation-check',
    { schema: { response: { 200: checkReply } } },
    async (request) => ({
      execution_id: request.params.id,
      status: 'RUNNING',
      event_type: 'command.completed',
      cancelled: false,
      completed: false,
      failed: false,
    }),
  );
  return app.listen({ host: '127.0.0.1', port: 0 });
}

async function check(): Promise<string> {
  const store = openStoreAt(url ?? '', schema ?? 'noetl');
  const services = createServices(store);
  const server = await startServer({ services, port: 0, version: 'bench', logger: false });
  return server.url;
}

process.stdout.write(`${await (kind === 'check' ? check() : constant())}\n`);
process.stdin.on('end', () => process.exit(0)).resume();
