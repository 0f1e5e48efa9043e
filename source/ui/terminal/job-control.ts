/** Longer than a signal takes to stop a process: after it, the signal has been ignored. */
const IGNORED_AFTER_MS = 200;

/** Stops and resumes the process as a shell's job control wants it. */
export type JobControl = {
  /** Gives the terminal back and stops the whole job, as Ctrl-Z at a shell does. */
  readonly suspend: () => void;
  readonly dispose: () => void;
};

/**
 * @param leave gives the terminal back; called before the process stops
 * @param enter takes the terminal again and draws; called when it continues, also after a stop from outside
 */
export function createJobControl(leave: () => void, enter: () => void): JobControl {
  let ignored: NodeJS.Timeout | undefined;

  function resume(): void {
    clearTimeout(ignored);
    process.off('SIGTSTP', suspend);
    process.on('SIGTSTP', suspend);
    enter();
  }

  function suspend(): void {
    leave();
    // Without a listener the signal has its ordinary effect again. It goes to the whole process group (0), or npm and
    // a shell waiting for npm would never learn that the job has stopped.
    process.off('SIGTSTP', suspend);
    clearTimeout(ignored);
    // A process group without a shell above it (a terminal opened for this program alone) ignores the signal, and
    // no one could resume it after a SIGSTOP. So it simply goes on.
    ignored = setTimeout(resume, IGNORED_AFTER_MS);
    try {
      process.kill(0, 'SIGTSTP');
    } catch {
      // No job control on this platform (Windows): the timer takes the terminal back.
    }
  }

  process.on('SIGTSTP', suspend);
  process.on('SIGCONT', resume);
  return {
    suspend,
    dispose: () => {
      clearTimeout(ignored);
      process.off('SIGTSTP', suspend);
      process.off('SIGCONT', resume);
    },
  };
}
