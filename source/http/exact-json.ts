import type { ExecutionId } from '../domain/execution-id.js';
import type { QueryTable } from '../store/read-only-query/runner.js';

/**
 * JSON with 64-bit numbers, digit by digit: JSON.stringify has no way to write one. NoETL's own command line reads ids as
 * numbers in some places, and drops texts there.
 */

/** An object, and after its other fields the ids under `name` as numbers. */
export function jsonWithIds(fields: object, name: string, ids: readonly ExecutionId[]): string {
  return `${JSON.stringify(fields).slice(0, -1)},${JSON.stringify(name)}:[${ids.map(asNumber).join(',')}]}`;
}

/** Through BigInt, so that nothing but a number is written. */
const asNumber = (id: ExecutionId): string => BigInt(id).toString();

/** The rows of a query as arrays of values, which is the form that NoETL's command line makes its table from. */
export function rowsJson({ columns, rows }: QueryTable): string {
  const types = columns.map((column) => column.type);
  return `[${rows.map((row) => `[${row.map((text, index) => valueJson(text, types[index] ?? '')).join(',')}]`).join(',')}]`;
}

const NUMBERS = new Set(['int2', 'int4', 'int8', 'oid', 'float4', 'float8', 'numeric']);
const OTHER_NAMES: Readonly<Record<string, string>> = {
  smallint: 'int2',
  integer: 'int4',
  bigint: 'int8',
  real: 'float4',
  'double precision': 'float8',
  boolean: 'bool',
};

/** A value as the server prints it, by its type: NaN and infinities stay texts, as JSON has no numbers for them. */
function valueJson(text: string | null, typeName: string): string {
  if (text === null) return 'null';
  const type = OTHER_NAMES[typeName] ?? typeName;
  if (NUMBERS.has(type) && /^-?(0|[1-9]\d*)(\.\d+)?(e[+-]?\d+)?$/i.test(text)) return text;
  if (type === 'bool') return text === 't' || text === 'true' ? 'true' : 'false';
  if (type === 'json' || type === 'jsonb') return text;
  return JSON.stringify(text);
}
