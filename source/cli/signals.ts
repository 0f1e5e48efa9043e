import { constants } from 'node:os';
import { FATAL_SIGNALS, type FatalSignal } from '../domain/fatal-signals.js';

const CRASHES = ['uncaughtException', 'unhandledRejection'] as const;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** Those that this platform has. */
const FATAL = FATAL_SIGNALS.filter((name) => name in constants.signals);
/** Longer than a signal takes to end its own process: after it, the signal has been ignored. */
const IGNORED_AFTER_MS = 1000;

/** What hears of the end of the program, until it is released. */
export interface EndListener {
  readonly signal: AbortSignal;
  /** The first of the signals by which a process dies; null where none came. */
  diesOf(): FatalSignal | null;
  release(): void;
}

/**
 * A signal that the first Ctrl-C (or SIGTERM, or a closed terminal) aborts, so that a command can stop between two
 * transactions and say what it has done. The second calls `atOnce`, which ends the program where it stands, and so
 * does `onCrash` for an uncaught exception. Signals that would end the process by default (SIGUSR2, SIGALRM)
 * abort it likewise; the caller then dies of the one that came (`dieOf`).
 */
export function listenForEnd(atOnce: () => void, onCrash: (error: unknown) => void): EndListener {
  const controller = new AbortController();
  const onSignal = () => {
    if (controller.signal.aborted) atOnce();
    else controller.abort();
  };
  let fatal: FatalSignal | null = null;
  const onFatal = (name: NodeJS.Signals) => {
    fatal ??= name as FatalSignal;
    onSignal();
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  for (const name of FATAL) process.on(name, onFatal);
  for (const name of CRASHES) process.on(name, onCrash);
  return {
    signal: controller.signal,
    diesOf: () => fatal,
    release: () => {
      for (const name of SIGNALS) process.off(name, onSignal);
      for (const name of FATAL) process.off(name, onFatal);
      for (const name of CRASHES) process.off(name, onCrash);
    },
  };
}

/** The exit code that a shell reports for a signal. */
export const exitCodeOf = (signal: FatalSignal): number => 128 + constants.signals[signal];

/** The fatal signal that an exit code stands for, or null. */
export const fatalSignalOf = (code: number): FatalSignal | null =>
  FATAL.find((name) => exitCodeOf(name) === code) ?? null;

/**
 * Ends the process as the signal would have: whoever waits for it sees the signal, and no invented exit code.
 * @param survived is called where the signal was ignored
 */
export function dieOf(signal: FatalSignal, survived: () => void): void {
  process.removeAllListeners(signal);
  // Holds the event loop too.
  setTimeout(survived, IGNORED_AFTER_MS);
  process.kill(process.pid, signal);
}
