import { MAX_REASON_LENGTH } from '../domain/cancellation.js';
import { COMMAND_ISSUED, COMMAND_TYPES } from '../domain/event-types.js';
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

/**
 * What the code checks beyond the schemas, written into the OpenAPI document: requests are refused in the code's own
 * words, which say more than "must match pattern", and yet the document says exactly what is accepted.
 */

type Json = Record<string, unknown>;

/** The decimal numbers from 1 to `most`, with zeros in front. */
function upTo(most: string): string {
  const shorter = `[1-9][0-9]{0,${most.length - 2}}`;
  const below = [...most].flatMap((digit, at) => {
    const least = at === 0 ? 1 : 0;
    if (Number(digit) <= least) return [];
    const rest = most.length - at - 1;
    return [`${most.slice(0, at)}[${least}-${Number(digit) - 1}]${rest > 0 ? `[0-9]{${rest}}` : ''}`];
  });
  return `0{0,21}(${[shorter, ...below, most].join('|')})`;
}

const ID = `^${upTo('9223372036854775807')}$`;
const NO_NUL = '^[^\\u0000]*$';
const CONTROL = '\\u0000-\\u001f\\u007f-\\u009f';
const DATE = '[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])';
const TIME = '([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?(Z|[+-](0[0-9]|1[0-3]):[0-5][0-9])?';

const PARAMETERS: Readonly<Record<string, string>> = {
  id: ID,
  parent: ID,
  before: ID,
  after: `^0$|${ID}`,
  path: '^[^*\\u0000]*([*][^*\\u0000]*){0,8}$',
  since: `^([0-9]{1,9}[smhd])+$|^${DATE}([T ]${TIME})?$`,
};

const REPORTED = COMMAND_TYPES.filter((type) => type !== COMMAND_ISSUED);

/** By operation, what its body's properties add to their schemas. */
const BODIES: Readonly<Record<string, Json>> = {
  '/api/executions/{id}/cancel': { reason: { pattern: `^\\s*[^${CONTROL}]{0,${MAX_REASON_LENGTH}}\\s*$` } },
  '/api/events': { execution_id: { pattern: ID }, event_type: { enum: REPORTED } },
};

/** What PostgreSQL can keep. */
const STORABLE = {
  type: ['null', 'boolean', 'number', 'string', 'array', 'object'],
  pattern: NO_NUL,
  items: { $ref: '#/components/schemas/Storable' },
  propertyNames: { pattern: NO_NUL },
  additionalProperties: { $ref: '#/components/schemas/Storable' },
};

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null;

/** The document that the schemas make, completed in place. */
export function exactDocument(document: Json): Json {
  const components = document.components as Json;
  components.schemas = { ...(components.schemas as Json | undefined), Storable: STORABLE };
  for (const [path, operations] of Object.entries(document.paths as Json)) {
    for (const operation of Object.values(operations as Json)) if (isObject(operation)) completed(path, operation);
  }
  return document;
}

function completed(path: string, operation: Json): void {
  for (const { name, schema } of (operation.parameters ?? []) as { name: string; schema: Json }[]) {
    const pattern = PARAMETERS[name];
    if (pattern !== undefined) schema.pattern = pattern;
  }
  const body = operation.requestBody as { required?: boolean; content: Json } | undefined;
  if (!body) return;
  const { schema } = body.content['application/json'] as { schema: Json };
  // No body at all means the defaults.
  if (schema.required === undefined) body.required = false;
  const more = BODIES[path] ?? {};
  for (const [name, property] of Object.entries(schema.properties as Record<string, Json>)) {
    Object.assign(property, more[name]);
    storable(property);
  }
  if (path === '/api/events') {
    schema.anyOf = [{ required: ['event_type'] }, { required: ['name'], properties: { name: { enum: REPORTED } } }];
  }
}

function storable(schema: Json): void {
  const types = [schema.type].flat();
  if (types.includes('string') && schema.enum === undefined) schema.pattern ??= NO_NUL;
  if (!types.includes('object')) return;
  schema.propertyNames = { pattern: NO_NUL };
  schema.additionalProperties = STORABLE.items;
  for (const property of Object.values((schema.properties ?? {}) as Record<string, Json>)) storable(property);
}
