import { StoreError } from '../store/errors.js';

/**
 * A failure of a NoETL server, in one line with what to do. Never worth another try by the caller: the calls have been
 * repeated already, as far as repeating is harmless.
 */
export class ServerError extends StoreError {
  override get retryable(): boolean {
    return false;
  }
}
