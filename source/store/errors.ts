/** What went wrong with the database, in the words that decide what an operator does next. */
export type StoreErrorKind =
  | 'unreachable'
  | 'authentication'
  | 'no-database'
  | 'no-schema'
  | 'no-privilege'
  | 'read-only'
  | 'timeout'
  | 'busy'
  | 'aborted'
  | 'refused-sql'
  /** The session is read-only (settings.ts): the store refused before anything was sent. */
  | 'writes-disabled'
  /** The connection was lost after COMMIT was sent: whether the rows are there is not known. */
  | 'outcome-unknown'
  | 'other';

/** A failure of the store: one line that names the cause and the remedy; never a password, never a stack. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  constructor(
    readonly kind: StoreErrorKind,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
  /** True where the same call may succeed a moment later. */
  get retryable(): boolean {
    return ['unreachable', 'busy', 'timeout', 'outcome-unknown'].includes(this.kind);
  }
}
