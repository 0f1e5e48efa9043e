import { StoreError } from '../store/errors.js';

export type JsonObject = Readonly<Record<string, unknown>>;

/** A string, or a number of 16 digits or more outside of strings: beyond 2^53, so JSON.parse would change it. */
const STRING_OR_LONG_NUMBER = /"(?:\\.|[^"\\])*"|-?\d{16,}(?![\d.eE])/g;

/**
 * The object that a JSON text holds, long integers as strings so that ids keep their digits; null for anything else.
 * NoETL's Rust server writes ids as numbers.
 */
export function parseObject(text: string): JsonObject | null {
  try {
    const exact = text.replace(STRING_OR_LONG_NUMBER, (found) => (found.startsWith('"') ? found : `"${found}"`));
    const value: unknown = JSON.parse(exact);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null;
  } catch {
    return null;
  }
}

/** An id as an answer states it, as a number or a string; null where there is none. */
export function idOf(value: unknown): string | null {
  if (typeof value === 'string' && /^\d+$/.test(value)) return value;
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? String(value) : null;
}

/** What an error answer says: NoETL's Rust server in `error`, its Python server in `detail`. */
export function saidOf(body: JsonObject | null): string {
  for (const said of [body?.error, body?.detail, body?.message]) {
    if (typeof said === 'string' && said.trim() !== '')
      return said
        .replace(/[\p{Cc}\s]+/gu, ' ')
        .trim()
        .slice(0, 300);
  }
  return '';
}

/**
 * A failure of a NoETL server, in one line with what to do. Never worth another try by the caller: the calls have been
 * repeated already, as far as repeating is harmless.
 */
export class ServerError extends StoreError {
  override get retryable(): boolean {
    return false;
  }
}
