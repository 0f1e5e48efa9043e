/**
 * Reports executions as they fall silent, one JSON object a line, until it is stopped: for an alert or a log collector.
 *
 *     DATABASE_URL=postgres://… node watch-stale.ts 10
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { openClient, StoreError } from 'noetl-console/client';

const everySeconds = Number(process.argv[2] ?? 10);
const stopped = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopped.abort());

const client = openClient({ databaseUrl: process.env.DATABASE_URL, readOnly: true });
let known = new Set<string>();
while (!stopped.signal.aborted) {
  try {
    const { stale } = await client.stale({ signal: stopped.signal, polling: true });
    // What is not safe may still be healthy: a condition of the whole engine makes everything unsafe, too.
    for (const { execution, diagnosis, silentMs } of stale) {
      if (known.has(execution.executionId)) continue;
      const { executionId, path } = execution;
      const { code, safe, evidence } = diagnosis;
      console.log(JSON.stringify({ executionId, path, silentMs, code, safe, why: evidence.sentence }));
    }
    known = new Set(stale.map(({ execution }) => execution.executionId));
  } catch (error) {
    // A database that restarts is asked again; a wrong password is not.
    if (!(error instanceof StoreError && (error.retryable || error.kind === 'aborted'))) throw error;
    if (error.kind !== 'aborted') console.error(error.message);
  }
  await sleep(everySeconds * 1_000, null, { signal: stopped.signal }).catch(() => {});
}
await client.close();
