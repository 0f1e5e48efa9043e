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
