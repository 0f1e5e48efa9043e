import { startEmbeddedServer } from '../../source/demo/embedded-server.js';

/** Names the server that tests make their databases on; set it yourself to use one that runs already. */
export const TEST_SERVER_VARIABLE = 'NOETL_CONSOLE_TEST_SERVER';

/** vitest's global setup: one PostgreSQL for the whole run, whose URL the test files' processes inherit. */
export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  if (process.env[TEST_SERVER_VARIABLE]) return undefined;
  const server = await startEmbeddedServer({ inMemory: true });
  process.env[TEST_SERVER_VARIABLE] = server.url;
  return () => server.stop();
}
