import { MAX_REASON_LENGTH } from '../domain/cancellation.js';
import { COMMAND_ISSUED, COMMAND_TYPES } from '../domain/event-types.js';

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
