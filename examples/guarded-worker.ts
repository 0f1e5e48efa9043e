/**
 * A worker that never runs what was cancelled. Commands come as JSON, one a line, on standard input:
 *
 *     {"executionId": "543857931469455628", "commandId": "c1", "step": "load"}
 *
 * The guard asks the event table before the claim and after it, and writes `command.cancelled` for what it skips.
 */
import { hostname } from 'node:os';
import { createInterface } from 'node:readline';
import { createCancellationGuard, databaseCancellationCheck, databaseCommandEmitter, workerEvent } from 'noetl-console';
import pg from 'pg';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 4 });
const emit = databaseCommandEmitter({ pool });
const guard = createCancellationGuard({
  check: databaseCancellationCheck({ pool }),
  emit,
  logger: { info: (fields, message) => console.error(message, fields), warn: console.error },
});

for await (const line of createInterface({ input: process.stdin })) {
  const command = { ...JSON.parse(line), workerId: `example-${hostname()}` };
  const outcome = await guard.run(command, {
    claim: async () => (await emit(workerEvent(command, 'command.claimed'))).kind !== 'refused',
    execute: async () => {
      await emit(workerEvent(command, 'command.started'));
      // The work of the step goes here.
      await emit(workerEvent(command, 'command.completed', { status: 'success' }));
    },
    watch: { everyMs: 1_000 },
  });
  if (outcome.kind === 'failed') await emit(workerEvent(command, 'command.failed'));
  console.log(`${command.commandId} ${outcome.kind}`);
}
await pool.end();
