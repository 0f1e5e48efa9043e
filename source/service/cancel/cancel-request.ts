import { randomUUID } from 'node:crypto';
import type { CancelRequest } from '../../domain/cancellation.js';

/** The request of one run, under a batch id of its own. Whoever calls has checked the reason (checkReason). */
export const newCancelRequest = (given: Omit<CancelRequest, 'batchId'>): CancelRequest => ({
  ...given,
  batchId: randomUUID(),
});
