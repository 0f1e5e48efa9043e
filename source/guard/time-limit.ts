/**
 * Runs one attempt under a time limit (milliseconds) and an optional signal, either of which ends it even if the attempt
 * ignores the signal that it is given. Rejects with the signal's reason or a plain Error that names what timed out.
 */
export async function withTimeLimit<T>(
  what: string,
  limitMs: number,
  attempt: (signal: AbortSignal) => Promise<T>,
  outer?: AbortSignal,
): Promise<T> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let leave: (() => void) | undefined;
  const ended = new Promise<never>((_resolve, reject) => {
    const end = (error: unknown) => {
      reject(error);
      controller.abort(error);
    };
    timer = setTimeout(() => end(new Error(`${what} took longer than ${limitMs} ms`)), limitMs);
    if (!outer) return;
    const onAbort = () => end(outer.reason);
    if (outer.aborted) onAbort();
    else {
      outer.addEventListener('abort', onAbort, { once: true });
      leave = () => outer.removeEventListener('abort', onAbort);
    }
  });
  try {
    // Either side may lose the race: swallow the losing promise's rejection.
    ended.catch(() => {});
    const result = controller.signal.aborted ? ended : attempt(controller.signal);
    return await Promise.race([result, ended]);
  } finally {
    clearTimeout(timer);
    leave?.();
  }
}

/**
 * The outcome of work that others share, for as long as this caller's own signal lasts: its abort rejects with its
 * reason at once and leaves the work to the others.
 */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  let leave = () => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    leave = () => signal.removeEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
  // The race may be lost by either side.
  work.catch(() => {});
  try {
    return await Promise.race([aborted, work]);
  } finally {
    leave();
  }
}
