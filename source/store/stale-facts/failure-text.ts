/** Characters of a failure's text that are read: enough for a sentence and a panel, whatever a row holds. */
export const FAILURE_TEXT_LENGTH = 2_000;

/**
 * The text of a failure: the column `error`, else result's context.error, a string or an object (Rust writes only
 * there). Source: event-store.md.
 *
 * @param row the alias of a row of the event table
 */
export const failureText = (row: string): string =>
  `left(coalesce(nullif(${row}.error, ''), ${row}.result->'context'->>'error'), ${FAILURE_TEXT_LENGTH})`;
