import type { StaleCode } from '../../domain/staleness/staleness-types.js';

/** What each code says, in a few words; for help and for the dialog's list of unsafe ones. */
export const CODE_WORDS: Readonly<Record<StaleCode, string>> = {
  'awaiting-callback': 'parked on an external callback',
  'waiting-on-child': 'a descendant has not ended and emits events',
  'parent-active': 'its parent has not ended and emits events',
  'live-claim': 'a live worker holds a command',
  recovering: "the engine's own recovery can still hand its command on",
  queued: 'its command waits while all workers are busy',
  imported: 'its rows were bulk-loaded long after they were created',
  'failed-step': 'failed step, no end written for an hour',
  orphaned: 'its parent ended, it did not',
  'worker-lost': 'the worker of its command is gone',
  'never-claimed': 'a command was issued that no worker claimed',
  finalizing: 'after its last step; its end may still be written',
  'no-successor': 'nothing followed its last step for an hour',
  unknown: 'no known cause',
};
