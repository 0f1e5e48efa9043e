import { hostname } from 'node:os';
import { type CancelRequest, checkReason } from '../../domain/cancellation.js';
import { newCancelRequest } from '../../service/cancel/cancel-plan.js';
import { osUser } from '../config/environment.js';
import { SOURCE_NAME } from '../version.js';
import type { Flags } from './parsed-flags.js';
import { UsageError } from './usage-error.js';

/** Longer names are refused. */
const MAX_OPERATOR_LENGTH = 200;

/**
 * Who cancels, why and how, from the flags that `cancel` and `cleanup` share.
 * @throws UsageError for a reason or name that must not be written.
 */
export function cancelRequest(flags: Flags, cascade: boolean, defaultReason: string | null = null): CancelRequest {
  const checked = checkReason(flags.text('reason'));
  if (!checked.ok) throw new UsageError(`--reason: ${checked.problem}`);
  return newCancelRequest({
    reason: checked.reason ?? defaultReason,
    cancelledBy: operator(flags.text('as'), '--as'),
    cascade,
    source: SOURCE_NAME,
  });
}

/**
 * Who cancels: the given name, else the user and host of the operating system.
 * @throws UsageError that begins with `where` for a name that must not be written.
 */
export function operator(given: string | undefined, where: string): string {
  if (given === undefined) return `${osUser()}@${hostname()}`;
  const name = given.trim();
  if (name === '' || [...name].length > MAX_OPERATOR_LENGTH || /\p{Cc}|\p{Cs}/u.test(name)) {
    throw new UsageError(
      `${where} must be a name of 1 to ${MAX_OPERATOR_LENGTH} characters without control characters`,
    );
  }
  return name;
}
