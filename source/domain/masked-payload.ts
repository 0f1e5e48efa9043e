const MASK = '•••';
/** A payload nested deeper than this is masked as a whole. */
const MAX_DEPTH = 40;

/**
 * A payload's shape without its values: keys, lengths of lists, true, false and null stay, every text and number is
 * masked. Payloads have been seen to hold plaintext API keys (event-store.md, "What a run looks like").
 */
export function maskedPayload(value: unknown, depth = 0): unknown {
  if (value === null || value === undefined || typeof value === 'boolean') return value ?? null;
  if (typeof value !== 'object' || depth >= MAX_DEPTH) return MASK;
  if (Array.isArray(value)) return value.map((each) => maskedPayload(each, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, maskedPayload(each, depth + 1)]));
}
