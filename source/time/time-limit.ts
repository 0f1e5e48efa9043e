/**
 * Runs one attempt under a time limit (milliseconds), which ends it even if the attempt ignores the signal that it is
 * given. Rejects when the time is over with an error that names what timed out: a plain Error, or what `late` makes of
 * its message. The timer keeps the process alive, as that of AbortSignal.timeout does not.
 */
export async function withTimeLimit<T>(
  what: string,
  limitMs: number,
  attempt: (signal: AbortSignal) => Promise<T>,
  late: (message: string) => Error = (message) => new Error(message),
): Promise<T> {
  const over = new AbortController();
  const { signal } = over;
  // It listens before the attempt does, and so rejects before whatever the attempt makes of the abort.
  const ended = rejectionOf(signal);
  const timer = setTimeout(() => over.abort(late(`${what} took longer than ${limitMs} ms`)), limitMs);
  try {
    return await Promise.race([attempt(signal), ended.promise]);
  } finally {
    clearTimeout(timer);
    ended.leave();
  }
}

/**
 * The outcome of work that others share, for as long as this caller's own signal lasts: its abort rejects with its
 * reason at once and leaves the work to the others.
 */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  const ended = rejectionOf(signal);
  // Swallow the losing promise's rejection.
  work.catch(() => {});
  try {
    return await Promise.race([ended.promise, work]);
  } finally {
    ended.leave();
  }
}

/** Rejects with the reason of a signal, until it is left: a signal may live as long as a worker, and keeps its listeners. */
function rejectionOf(signal: AbortSignal): { readonly promise: Promise<never>; leave(): void } {
  let leave = () => {};
  const promise = new Promise<never>((_resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    leave = () => signal.removeEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
  promise.catch(() => {});
  return { promise, leave };
}
