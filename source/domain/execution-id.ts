/** An execution's or event's id: a positive 64-bit integer in decimal, always a string (beyond 2^53). */
export type ExecutionId = string;

const MAX_ID = 9_223_372_036_854_775_807n;

/** The id in canonical form, or the reason why a text is not an id, as a phrase that follows the text itself. */
export function parseExecutionId(text: string): { ok: true; id: ExecutionId } | { ok: false; problem: string } {
  if (text === '') return { ok: false, problem: 'is empty' };
  if (/^-\d+$/.test(text)) return { ok: false, problem: 'is negative' };
  if (!/^\d+$/.test(text)) return { ok: false, problem: 'is not a decimal number' };
  if (text.length > 40) return { ok: false, problem: 'is above 9223372036854775807' };
  const value = BigInt(text);
  if (value === 0n) return { ok: false, problem: 'is zero' };
  if (value > MAX_ID) return { ok: false, problem: 'is above 9223372036854775807' };
  return { ok: true, id: value.toString() };
}

/** Orders decimal ids as numbers, without turning them into numbers. */
export function compareIds(left: ExecutionId, right: ExecutionId): number {
  return left.length - right.length || (left < right ? -1 : left > right ? 1 : 0);
}
