import { expect, it } from 'vitest';
import { maskedPayload } from '../../source/domain/payload.js';

it('keeps the shape and hides every text and number', () => {
  const payload = { api_key: 'sk-123', n: 4, ok: true, none: null, list: ['a', { deep: 'secret' }], empty: {} };
  expect(maskedPayload(payload)).toEqual({
    api_key: '•••',
    n: '•••',
    ok: true,
    none: null,
    list: ['•••', { deep: '•••' }],
    empty: {},
  });
});

it('masks a payload that is a text, and one that is nested without end', () => {
  expect(maskedPayload('secret')).toBe('•••');
  let nested: unknown = 'secret';
  for (let depth = 0; depth < 5000; depth++) nested = { nested };
  expect(JSON.stringify(maskedPayload(nested))).not.toContain('secret');
});
