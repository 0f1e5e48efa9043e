import { constants } from 'node:os';
import { FATAL_SIGNALS, type FatalSignal } from '../../domain/fatal-signals.js';

/** A signal that ends the console. */
export type EndingSignal = 'SIGHUP' | 'SIGINT' | 'SIGQUIT' | 'SIGTERM' | FatalSignal;

/** Those of them that this platform has. */
export const ENDING_SIGNALS: readonly EndingSignal[] = (
  ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM', ...FATAL_SIGNALS] as const
).filter((name) => name in constants.signals);

/** The exit code that a shell reports for a signal. */
const exitCodeOf = (signal: EndingSignal): number => 128 + constants.signals[signal];

/**
 * Why the full screen ended. The terminal is as it was by the time that anyone sees this.
 * `closed`: the terminal itself went away (end of input, EPIPE, EIO); its exit code is that of SIGHUP.
 */
export type TerminalOutcome =
  | { readonly reason: 'quit' }
  | { readonly reason: 'signal'; readonly signal: EndingSignal; readonly exitCode: number }
  | { readonly reason: 'closed'; readonly exitCode: number }
  | { readonly reason: 'error'; readonly error: unknown };

/** The outcome of a signal. */
export function signalled(signal: EndingSignal): TerminalOutcome {
  return { reason: 'signal', signal, exitCode: exitCodeOf(signal) };
}

/** The outcome of a terminal that went away. */
export const CLOSED: TerminalOutcome = { reason: 'closed', exitCode: exitCodeOf('SIGHUP') };

/**
 * Watches for everything that ends the console from outside: signals, uncaught exceptions and unhandled rejections, a
 * terminal that cannot be written to, and an exit that somebody else decided on.
 * @param end is called with the outcome; the exit itself is the caller's
 * @param exiting is called when the process exits by another way; it must be synchronous
 * @returns the way to stop listening: from then on signals have their ordinary effect, and so have errors, unless an
 * error was what ended it: one broken thing breaks others, and only the first is to be reported
 */
export function watchForEnding(
  stdout: NodeJS.WritableStream,
  end: (outcome: TerminalOutcome) => void,
  exiting: () => void,
): () => void {
  const onSignal = (signal: NodeJS.Signals) => end(signalled(signal as EndingSignal));
  let hasFailed = false;
  const onError = (error: unknown) => {
    hasFailed = true;
    end({ reason: 'error', error });
  };
  const onLost = () => end(CLOSED);

  for (const signal of ENDING_SIGNALS) process.on(signal, onSignal);
  process.on('uncaughtException', onError);
  process.on('unhandledRejection', onError);
  process.on('exit', exiting);
  stdout.on('error', onLost);
  return () => {
    for (const signal of ENDING_SIGNALS) process.off(signal, onSignal);
    if (!hasFailed) {
      process.off('uncaughtException', onError);
      process.off('unhandledRejection', onError);
    }
    process.off('exit', exiting);
    stdout.off('error', onLost);
    // What was written before the terminal went away may still fail after the end; it must not crash the way out.
    stdout.on('error', () => {});
  };
}
