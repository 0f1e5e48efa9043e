import type { Execution } from '../domain/execution.js';
import type { EventStore, ExecutionsAsOf, ReadOptions } from '../store/event-store.js';

/** How much of what has not ended has been read: pieces, the newest first, and the executions in them. */
export interface ReadSoFar {
  readonly done: number;
  readonly of: number;
  readonly found: number;
}

/** A piece whose progress is shown may take longer than a statement usually may. Milliseconds. */
const PATIENT_MS = 120_000;

/**
 * Everything that has not ended, complete as `activeExecutions` is, for whoever is shown the progress: `onProgress` is called
 * after each piece. On a database that is far away this costs one round trip more. Throws StoreError.
 */
export async function activeSoFar(
  store: Pick<EventStore, 'clock' | 'activeInPieces'>,
  reading: ReadOptions,
  onProgress: (soFar: ReadSoFar) => void,
): Promise<ExecutionsAsOf> {
  const executions: Execution[] = [];
  const readPieces = async () => {
    for await (const piece of store.activeInPieces({ timeoutMs: PATIENT_MS, ...reading, ahead: true })) {
      for (const execution of piece.executions) executions.push(execution);
      onProgress({ done: piece.done, of: piece.of, found: executions.length });
    }
  };
  // The clock leaves first: an event that comes after it makes an execution look younger, never older.
  const [asOf] = await Promise.all([store.clock(reading), readPieces()]);
  return { executions, asOf };
}
