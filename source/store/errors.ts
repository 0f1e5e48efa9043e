/** What went wrong with the database, in the words that decide what an operator does next. */
export type StoreErrorKind =
  /** No connection: nothing listens there, the network, TLS, or the server is stopping. A later try may succeed. */
  | 'unreachable'
  /** The server refuses the user or the password. */
  | 'authentication'
  /** The server has no database of that name. */
  | 'no-database'
  /** The schema, or a table of NoETL's in it, does not exist. */
  | 'no-schema'
  /** The user lacks a privilege: SELECT for reading, INSERT on the event table for a cancel. */
  | 'no-privilege'
  /** The server is a standby or in recovery: connect to the primary. */
  | 'read-only'
  /** The server ended the statement, or did not answer in time. A later try may succeed. */
  | 'timeout'
  /** No free connection, or another transaction was in the way. A later try may succeed. */
  | 'busy'
  /** The caller's signal was aborted. */
  | 'aborted'
  /** An operator's own SQL that is not read-only or that the database refuses. */
  | 'refused-sql'
  /** The session is read-only: the store refused before anything was sent. */
  | 'writes-disabled'
  /** The connection was lost after COMMIT was sent: whether the rows are there is not known. */
  | 'outcome-unknown'
  /** Anything else; the message quotes the server. */
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
