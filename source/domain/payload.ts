/** PostgreSQL keeps JSON of any depth; JSON.stringify exhausts the stack somewhat above 5,000 levels. */
const MAX_LEVELS = 1000;
const CUT = '… (nested more than 1,000 levels deep)';

/** A JSON value as it is; what lies deeper than 1,000 levels is replaced by a text that says so. */
export const withinDepth = (value: unknown): unknown => (isDeeper(value, MAX_LEVELS) ? cut(value, MAX_LEVELS) : value);

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** Level by level: a recursion could itself exhaust the stack. */
function isDeeper(value: unknown, levels: number): boolean {
  let level = isObject(value) ? [value] : [];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth >= levels) return true;
    const next: object[] = [];
    for (const each of level) for (const child of Object.values(each)) if (isObject(child)) next.push(child);
    level = next;
  }
  return false;
}

function cut(value: unknown, levels: number): unknown {
  if (!isObject(value)) return value;
  if (levels === 0) return CUT;
  if (Array.isArray(value)) return value.map((each) => cut(each, levels - 1));
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, cut(each, levels - 1)]));
}

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
