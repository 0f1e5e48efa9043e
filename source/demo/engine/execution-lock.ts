/**
 * The advisory lock under which the console appends a cancel, taken here by the demo's servers too, so that a cancel has
 * a definite place among an execution's events. Real servers take none; a test holds this one to the store's.
 */
export const LOCK_EXECUTION = "SELECT pg_advisory_xact_lock(x'6e6f6574'::int, ($1::bigint % 2147483647)::int)";
