import { activeSoFar } from '../../service/active-so-far.js';
import type { EventStore, ExecutionsAsOf } from '../../store/event-store.js';
import type { Terminal } from './terminal.js';

/**
 * Everything that has not ended. Where standard error is a terminal, it is read in pieces, newest first, and a line there
 * says how far that is; elsewhere at once and without a word. Throws StoreError.
 */
export async function readActive(
  store: Pick<EventStore, 'clock' | 'activeInPieces' | 'activeExecutions'>,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ExecutionsAsOf> {
  if (!terminal.stderrIsTerminal) return store.activeExecutions({ signal });
  terminal.progress('Reading what has not ended…');
  const found = await activeSoFar(store, { signal }, ({ done, of, found }) =>
    terminal.progress(`Reading what has not ended, newest first: ${done}/${of}, ${found} so far`),
  );
  terminal.progress(`Diagnosing what is stale of ${found.executions.length}…`);
  return found;
}
