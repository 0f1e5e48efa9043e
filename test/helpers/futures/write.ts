import type pg from 'pg';
import { writeEvents } from '../events.js';
import type { Future } from './engine.js';

/** Writes logs into the event table as their stacks do, every time moved by `shift` milliseconds. */
export async function writeFutures(pool: pg.Pool, futures: readonly Future[], shift = 0): Promise<void> {
  await writeEvents(
    pool,
    futures.flatMap(({ log, stack }) =>
      log.events.map((event, index) => ({
        execution_id: log.executionId,
        event_id: event.eventId,
        event_type: event.type,
        node_name: event.node,
        created_at: event.at + shift,
        path: log.path ?? 'a/playbook',
        parent_execution_id: index === 0 ? log.parentExecutionId : null,
        ...(stack === 'python' ? { worker_id: event.workerId } : {}),
        meta: {
          ...(event.commandId ? { command_id: event.commandId } : {}),
          ...(stack === 'rust' && event.workerId ? { worker_id: event.workerId } : {}),
        },
        ...(event.pendingCallback ? { result: { status: 'success', context: { pending_callback: true } } } : {}),
        ...(event.error ? { error: event.error } : {}),
      })),
    ),
  );
}
