import fc from 'fast-check';
import { openApi } from '../../test/http/api-fixture.js';
import { runningExecutions } from '../executions.js';
import { type FuzzTarget, textOf } from './target.js';

const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'TRACE'] as const;
const PATHS = [
  ...[
    '/api/executions',
    '/api/executions/5/cancel',
    '/api/executions/5/cancellation-check',
    '/api/executions/5/status',
  ],
  ...[
    '/api/executions/5/tree',
    '/api/executions/5/events',
    '/api/executions/cleanup',
    '/api/events',
    '/api/health',
    '/metrics',
  ],
  ...[
    '/api',
    '/',
    '?',
    '&',
    'status=',
    'running',
    'limit=',
    '10',
    'path=',
    'since=',
    'after=',
    '/',
    '..',
    '%2e',
    '%00',
    '%ff',
  ],
];
const NAMES = [
  'reason',
  'cascade',
  'older_than_minutes',
  'dry_run',
  'execution_id',
  'event_type',
  'step',
  'meta',
  'payload',
];
const VALUES = [
  null,
  true,
  10,
  -1,
  1e308,
  '5',
  'command.claimed',
  'command.completed',
  [],
  {},
  '\u0000',
  '\ud800',
  'x'.repeat(2_000),
];

const body = fc.oneof(
  fc
    .dictionary(fc.constantFrom(...NAMES), fc.constantFrom(...VALUES), { maxKeys: 5 })
    .map((object) => JSON.stringify(object)),
  textOf(['{', '}', '"reason"', ':', ',', '[', ']', 'true', '1', '"'], 12),
);
const request = fc.record({
  method: fc.constantFrom(...METHODS),
  url: fc
    .oneof(fc.constantFrom(...PATHS.slice(0, 10)), textOf(PATHS, 5))
    .map((path) => (path.startsWith('/') ? path : `/${path}`))
    // What the client cannot send.
    .filter((path) => URL.canParse(path, 'http://localhost')),
  body,
  type: fc.constantFrom(
    'application/json',
    'application/json',
    'text/plain',
    'application/x-www-form-urlencoded',
    '',
    'x',
  ),
});

interface Given {
  readonly method: (typeof METHODS)[number];
  readonly url: string;
  readonly body: string;
  readonly type: string;
}

/** A cleanup in earnest is asked for by two fields at most; the executions here are younger than it takes. */
export const requests: FuzzTarget = {
  name: 'HTTP requests',
  cases: [10_000, 250],
  open: async () => {
    const api = await openApi();
    await runningExecutions(api.db.pool, 20);
    const rows = async () => (await api.db.pool.query('SELECT count(*) AS n FROM noetl.event')).rows[0]?.n;
    const before = await rows();
    return {
      property: fc.asyncProperty(request as fc.Arbitrary<unknown>, async (given) => {
        const { method, url, body: payload, type } = given as Given;
        const bodied = !['GET', 'HEAD', 'TRACE'].includes(method);
        const response = await api.app.inject({
          method: method as 'GET',
          url,
          headers: type === '' ? {} : { 'content-type': type },
          ...(bodied ? { payload } : {}),
        });
        const { statusCode, body: text } = response;
        if (statusCode >= 500) throw new Error(`answered ${statusCode}: ${text}`);
        if (/\n\s+at .*:\d+/.test(text)) throw new Error(`answered with a stack: ${text}`);
        const isError = statusCode >= 400 && method !== 'HEAD';
        if (isError && typeof JSON.parse(text).error !== 'string')
          throw new Error(`${statusCode} without {"error"}: ${text}`);
      }),
      finish: async (tally) => {
        tally.expect((await rows()) === before, 'broken', () => 'a fuzzed request has written');
      },
      close: () => api.close(),
    };
  },
};
