import { describe, expect, it } from 'vitest';
import { storeError } from '../../../source/store/connection/postgres-errors.js';
import { StoreError } from '../../../source/store/errors.js';

const where = { host: 'db', port: 5432, user: 'noetl', database: 'noetl', schema: 'noetl' };
const from = (failure: object) => storeError(Object.assign(new Error('it said so'), failure), where);

describe('a database failure', () => {
  it.each([
    [{ code: 'ECONNREFUSED' }, 'unreachable', true],
    [{ code: '57P01' }, 'unreachable', true],
    [{ code: '08006' }, 'unreachable', true],
    [{ message: 'Connection terminated unexpectedly' }, 'unreachable', true],
    [{ message: 'timeout exceeded when trying to connect' }, 'unreachable', true],
    [{ code: '28P01' }, 'authentication', false],
    [{ code: '3D000' }, 'no-database', false],
    [{ code: '42P01' }, 'no-schema', false],
    [{ code: '3F000' }, 'no-schema', false],
    [{ code: '42501' }, 'no-privilege', false],
    [{ code: '25006' }, 'read-only', false],
    [{ code: '57014' }, 'timeout', true],
    [{ message: 'Query read timeout' }, 'timeout', true],
    [{ code: '53300' }, 'busy', true],
    [{ code: '40P01' }, 'busy', true],
    [{ code: '23505' }, 'busy', true],
    [{ code: '22P02' }, 'other', false],
  ])('%o is %s', (failure, kind, retryable) => {
    const error = from(failure);
    expect(error).toMatchObject({ kind, retryable });
    expect(error.message).not.toMatch(/\n/);
  });

  it('names the first of several addresses that were tried', () => {
    const error = storeError(
      new AggregateError([Object.assign(new Error('connect ECONNREFUSED ::1:5432'), { code: 'ECONNREFUSED' })]),
      where,
    );
    expect(error.message).toContain('cannot reach PostgreSQL at db:5432');
  });

  it('stays what it is when it has been told already', () => {
    const told = new StoreError('aborted', 'stopped');
    expect(storeError(told, where)).toBe(told);
  });

  it('keeps a server message of several lines on one', () => {
    expect(from({ message: 'a\n  b\u001b[31m', code: 'XX000' }).message).toBe('the database failed: a b [31m (XX000)');
  });
});
