import type { CancellationPoint } from '../domain/worker-protocol.js';

/**
 * NoETL's two-point protocol as a state machine without I/O: check, claim, check again, execute; cancelled at either
 * point, emit and skip. The guard does what the state asks for and feeds back what happened, so a walk over all inputs
 * is a walk over all that the guard can do (test/guard/interleavings.test.ts). Source: the seed, "Worker Behavior".
 */
export type ProtocolState =
  | { readonly step: 'check'; readonly at: CancellationPoint }
  | { readonly step: 'claim' }
  | { readonly step: 'execute' }
  | { readonly step: 'emit'; readonly at: CancellationPoint }
  | { readonly step: 'done'; readonly end: ProtocolEnd };

export type ProtocolEnd =
  | { readonly kind: 'executed' }
  | { readonly kind: 'skipped'; readonly at: CancellationPoint; readonly emitted: boolean }
  | { readonly kind: 'not-claimed' }
  | { readonly kind: 'failed'; readonly step: 'check' | 'claim' | 'execute'; readonly at: CancellationPoint | null };

/** What came of the step that the state asked for. */
export type ProtocolInput =
  | 'not-cancelled'
  | 'cancelled'
  | 'check-failed'
  /** The worker shut down during the check: the command is not begun, also where a failed check would run it. */
  | 'aborted'
  | 'claimed'
  | 'refused'
  | 'claim-failed'
  | 'executed'
  | 'execute-failed'
  | 'emitted'
  | 'emit-failed';

export const PROTOCOL_START: ProtocolState = { step: 'check', at: 'before-claim' };

const done = (end: ProtocolEnd): ProtocolState => ({ step: 'done', end });

/**
 * The state after an input. `failOpen` decides what a check that could not be made means: run the command (NoETL's
 * workers do) or leave it. Throws on an input that the state did not ask for, which is an error of the caller's.
 */
export function nextState(state: ProtocolState, input: ProtocolInput, failOpen: boolean): ProtocolState {
  switch (state.step) {
    case 'check': {
      const goOn: ProtocolState = state.at === 'before-claim' ? { step: 'claim' } : { step: 'execute' };
      if (input === 'not-cancelled') return goOn;
      if (input === 'cancelled') return { step: 'emit', at: state.at };
      if (input === 'check-failed') return failOpen ? goOn : done({ kind: 'failed', step: 'check', at: state.at });
      if (input === 'aborted') return done({ kind: 'failed', step: 'check', at: state.at });
      break;
    }
    case 'claim':
      if (input === 'claimed') return { step: 'check', at: 'after-claim' };
      if (input === 'refused') return done({ kind: 'not-claimed' });
      if (input === 'claim-failed') return done({ kind: 'failed', step: 'claim', at: null });
      break;
    case 'execute':
      if (input === 'executed') return done({ kind: 'executed' });
      if (input === 'execute-failed') return done({ kind: 'failed', step: 'execute', at: null });
      break;
    case 'emit':
      // A skip stays a skip when it cannot be reported: the command must not run because the log is away.
      if (input === 'emitted') return done({ kind: 'skipped', at: state.at, emitted: true });
      if (input === 'emit-failed') return done({ kind: 'skipped', at: state.at, emitted: false });
      break;
    case 'done':
      break;
  }
  throw new Error(`the protocol's step ${state.step} does not take ${input}`);
}
