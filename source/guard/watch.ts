import type { CancellationVerdict } from '../domain/worker-protocol.js';

/** Why a running command's signal was aborted when its execution was cancelled. */
export class ExecutionCancelledError extends Error {
  override readonly name = 'ExecutionCancelledError';
  constructor(readonly executionId: string) {
    super(`execution ${executionId} was cancelled`);
  }
}

/**
 * Looks every `everyMs` milliseconds until the check says cancelled, then calls `onCancelled` once. A look that fails is
 * passed over: the next one comes. Returns the function that ends it.
 */
export function watchForCancel(
  look: () => Promise<CancellationVerdict>,
  everyMs: number,
  onCancelled: () => void,
): () => void {
  let over = false;
  let timer: NodeJS.Timeout | undefined;
  const again = () => {
    if (!over) timer = setTimeout(() => void once(), everyMs);
  };
  const once = async () => {
    const verdict = await look().catch(() => null);
    if (over) return;
    if (!verdict?.cancelled) return again();
    over = true;
    onCancelled();
  };
  again();
  return () => {
    over = true;
    clearTimeout(timer);
  };
}
