import { describe, expect, it } from 'vitest';
import { isLoopback } from '../../source/domain/loopback.js';

describe('isLoopback', () => {
  it.each(['127.0.0.1', '127.1.2.3', '127.255.255.255', 'localhost', '::1', '[::1]', '0:0:0:0:0:0:0:1', 'LOCALHOST'])(
    'takes %s',
    (host) => expect(isLoopback(host)).toBe(true),
  );
  it.each([
    ...['127.example.com', '127.0.0.1.example', '127.0.0.256', '127.0.0', '127.', 'localhost.example.com', '::2'],
    ...['0.0.0.0', '::', '192.168.0.1', 'example', '128.0.0.1', '[127.0.0.1', ''],
  ])('does not take %j', (host) => expect(isLoopback(host)).toBe(false));
});
