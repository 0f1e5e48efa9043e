/**
 * Waits for something long and does something short every so often until that is done. When either fails the other is
 * aborted or left off, and the failure is the answer.
 *
 * @param short `rest` is asked before each `run` for the milliseconds until it is due
 */
export async function meanwhile<T>(
  stopping: AbortSignal,
  short: { rest(): number; run(): Promise<unknown> },
  long: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const leaving = new AbortController();
  const work = long(AbortSignal.any([stopping, leaving.signal]));
  // Whoever fails first is heard; what the other says of its end is of no interest then.
  work.catch(() => {});
  try {
    while (!(await isDone(work, short.rest()))) await short.run();
    return await work;
  } catch (error) {
    leaving.abort();
    throw error;
  }
}

/** Whether a promise is settled within so many milliseconds. */
function isDone(work: Promise<unknown>, withinMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), withinMs);
    const settled = () => {
      clearTimeout(timer);
      resolve(true);
    };
    work.then(settled, settled);
  });
}
