import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type RunningServer, startServer } from '../../source/http/server.js';
import { createServices } from '../../source/service/use-cases.js';
import type { EventStore } from '../../source/store/event-store.js';
import { createTestDatabase, nextIdAt, type TestDatabase, writeEvents } from '../helpers/database.js';
import { openStore } from '../helpers/store.js';

interface Command {
  readonly executionId: string;
  readonly commandId: string;
  readonly step: string;
}
type Work = (
  commands: AsyncIterable<Command>,
  workerId: string,
  tool: (command: Command, signal: AbortSignal) => Promise<void>,
) => Promise<void>;

const DOCUMENT = fileURLToPath(new URL('../../docs/worker-guard.md', import.meta.url));
const LIBRARY = fileURLToPath(new URL('../../source/index.ts', import.meta.url));

let db: TestDatabase;
let store: EventStore;
let server: RunningServer;
let folder: string;
beforeAll(async () => {
  db = await createTestDatabase();
  store = openStore(db.url);
  server = await startServer({ services: createServices(store), port: 0, version: 'test', logger: false });
  folder = await mkdtemp(join(tmpdir(), 'worker-guard-'));
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await server.close();
  await store.close();
  await db.close();
  await rm(folder, { recursive: true, force: true });
});

const blockOf = async (): Promise<string> => {
  const [, block] = /```ts\n([\s\S]*?)```/.exec(await readFile(DOCUMENT, 'utf8')) ?? [];
  if (block === undefined) throw new Error('the document holds no worker');
  return block;
};

describe('the worker in docs/worker-guard.md', () => {
  it('has at most 20 lines', async () => {
    expect((await blockOf()).trimEnd().split('\n').length).toBeLessThanOrEqual(20);
  });

  it('runs commands, and skips those of an execution that is cancelled meanwhile', async () => {
    const outfile = join(folder, 'worker.mjs');
    await build({
      stdin: { contents: await blockOf(), loader: 'ts' },
      bundle: true,
      platform: 'node',
      format: 'esm',
      alias: { 'noetl-console': LIBRARY },
      outfile,
    });
    vi.stubEnv('NOETL_URL', server.url);
    const { work } = (await import(/* @vite-ignore */ pathToFileURL(outfile).href)) as { work: Work };

    const executionId = nextIdAt(Date.now(), 'rust');
    const commands = ['c1', 'c2', 'c3'].map((commandId) => ({ executionId, commandId, step: 'load' }));
    await writeEvents(db.pool, [
      { execution_id: executionId, event_type: 'playbook_started' },
      ...commands.map(({ commandId }) => ({
        execution_id: executionId,
        event_type: 'command.issued',
        node_name: 'load',
        meta: { command_id: commandId },
      })),
    ]);
    const ran: string[] = [];
    await work(
      (async function* () {
        yield* commands;
      })(),
      'worker-1',
      async ({ commandId }) => {
        ran.push(commandId);
        if (commandId !== 'c2') return;
        const response = await fetch(`${server.url}/api/executions/${executionId}/cancel`, { method: 'POST' });
        expect(response.status).toBe(200);
      },
    );
    expect(ran).toEqual(['c1', 'c2']);
    const { rows } = await db.pool.query(
      `SELECT meta->>'command_id' AS command, array_agg(event_type ORDER BY event_id) AS types FROM noetl.event
       WHERE execution_id = $1 AND event_type <> 'command.issued' AND meta ? 'command_id' GROUP BY 1 ORDER BY 1`,
      [executionId],
    );
    expect(rows).toEqual([
      { command: 'c1', types: ['command.claimed', 'command.started', 'command.completed'] },
      { command: 'c2', types: ['command.claimed', 'command.started', 'command.completed'] },
      { command: 'c3', types: ['command.cancelled'] },
    ]);
  });
});

describe('the library', () => {
  it('loads no driver, no UI, no command line and no HTTP framework', async () => {
    const { metafile } = await build({
      entryPoints: [LIBRARY],
      bundle: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
      metafile: true,
      write: false,
    });
    const inputs = Object.keys(metafile.inputs);
    expect(inputs.filter((path) => /source\/(ui|cli|http|demo|service)\//.test(path))).toEqual([]);
    const packages = Object.values(metafile.outputs).flatMap((output) => output.imports.map((one) => one.path));
    expect(packages.filter((path) => !path.startsWith('node:'))).toEqual([]);
    const bytes = Object.values(metafile.outputs).reduce((sum, output) => sum + output.bytes, 0);
    expect(bytes).toBeLessThan(100_000);
  });
});
