import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareIds, parseExecutionId } from '../../source/domain/execution-id.js';
import {
  consoleSnowflake,
  layoutOf,
  type SnowflakeLayout,
  snowflakeFloor,
  snowflakeTime,
} from '../../source/domain/snowflake.js';

describe('an execution id', () => {
  it.each([
    ['', 'is empty'],
    ['-5', 'is negative'],
    ['0', 'is zero'],
    ['000', 'is zero'],
    ['9223372036854775808', 'is above 9223372036854775807'],
    ['9'.repeat(60), 'is above 9223372036854775807'],
    ['0x10', 'is not a decimal number'],
    ['1e3', 'is not a decimal number'],
    [' 12', 'is not a decimal number'],
    ["12'", 'is not a decimal number'],
    ['"12"', 'is not a decimal number'],
    ['12.0', 'is not a decimal number'],
    ['१२', 'is not a decimal number'],
    ['1_000', 'is not a decimal number'],
    ['12\n', 'is not a decimal number'],
  ])('%j %s', (text, problem) => {
    expect(parseExecutionId(text)).toEqual({ ok: false, problem });
  });

  it.each([
    ['1', '1'],
    ['0042', '42'],
    ['9223372036854775807', '9223372036854775807'],
  ])('%j is %s', (text, id) => {
    expect(parseExecutionId(text)).toEqual({ ok: true, id });
  });

  it('is compared as a number', () => {
    const id = fc.bigInt({ min: 1n, max: 2n ** 63n - 1n });
    fc.assert(
      fc.property(id, id, (a, b) => {
        expect(Math.sign(compareIds(`${a}`, `${b}`))).toBe(a < b ? -1 : a > b ? 1 : 0);
      }),
    );
  });
});

describe('snowflakes', () => {
  it('name the times that production ids are known to name', () => {
    expect(new Date(snowflakeTime(632110245082301156n, 'database')).toISOString()).toMatch(/^2026-05-22T03:30:13/);
    expect(new Date(snowflakeTime(328414768463355904n, 'rust')).toISOString()).toMatch(/^2026-06-25T06:03:02/);
  });

  const layouts = fc.constantFrom<SnowflakeLayout>('database', 'rust');
  const day = 86_400_000;
  const time = fc.integer({ min: Date.UTC(2024, 5), max: Date.UTC(2060, 0) });

  it('keep their time, and the console numbers itself above every server of that millisecond', () => {
    fc.assert(
      fc.property(layouts, time, (layout, at) => {
        const id = consoleSnowflake(at, layout);
        expect(snowflakeTime(id, layout)).toBe(at);
        expect(id).toBeGreaterThanOrEqual(snowflakeFloor(at, layout));
        expect(id).toBeLessThan(snowflakeFloor(at + 1, layout));
      }),
    );
  });

  it('tell their layout from the time of their row, with clocks days apart', () => {
    fc.assert(
      fc.property(layouts, time, fc.integer({ min: -30 * day, max: 30 * day }), (layout, at, skew) => {
        expect(layoutOf(consoleSnowflake(at, layout), at + skew)).toBe(layout);
      }),
    );
  });

  it('start at their epoch for earlier times', () => {
    expect(snowflakeFloor(0, 'rust')).toBe(0n);
  });
});
