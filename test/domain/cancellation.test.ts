import { describe, expect, it } from 'vitest';
import { alreadyEnded, cancelRows, checkReason, notFound } from '../../source/domain/cancellation.js';

const request = { reason: 'why', cancelledBy: 'ada@host', cascade: true, batchId: 'b1', source: 'noetl-console/1' };

describe('the rows of a cancel', () => {
  it('are one for Python, two for Rust and for an execution whose beginning is unknown', () => {
    const types = (stack: 'python' | 'rust' | null) =>
      cancelRows({ executionId: '1', rootId: '1', stack }, request).map((row) => row.eventType);
    expect(types('python')).toEqual(['execution.cancelled']);
    expect(types('rust')).toEqual(['playbook.cancelled', 'execution.cancelled']);
    expect(types(null)).toEqual(['playbook.cancelled', 'execution.cancelled']);
  });

  it('name the root on descendants only, and hold the reason where both readers look', () => {
    const [own] = cancelRows({ executionId: '1', rootId: '1', stack: 'python' }, request);
    const [child] = cancelRows({ executionId: '2', rootId: '1', stack: 'python' }, request);
    expect(own?.meta).toEqual({
      reason: 'why',
      cancelled_by: 'ada@host',
      cascade: true,
      parent_cancel_id: null,
      batch_id: 'b1',
      source: 'noetl-console/1',
      actionable: true,
    });
    expect(child?.meta.parent_cancel_id).toBe('1');
    expect(child?.context).toEqual({ reason: 'why', cancelled_by: 'ada@host' });
  });
});

describe('a reason', () => {
  it('is trimmed, and none when empty', () => {
    expect(checkReason('  loop  ')).toEqual({ ok: true, reason: 'loop' });
    for (const none of [undefined, null, '', ' \n\t ']) expect(checkReason(none)).toEqual({ ok: true, reason: null });
  });

  it('has at most 1,000 characters, counted as people count them', () => {
    expect(checkReason('é'.repeat(1000)).ok).toBe(true);
    expect(checkReason('😀'.repeat(1000)).ok).toBe(true);
    expect(checkReason('a'.repeat(2229))).toEqual({
      ok: false,
      problem: 'the reason is 1229 characters too long (limit 1,000)',
    });
  });

  it('may be required, and spaces are none', () => {
    expect(checkReason('  ')).toEqual({ ok: true, reason: null });
    expect(checkReason('  ', { isRequired: true })).toEqual({ ok: false, problem: 'a reason is required' });
    expect(checkReason(' why ', { isRequired: true })).toEqual({ ok: true, reason: 'why' });
  });

  it.each(['a\nb', 'a\tb', 'a\u001b[31m', 'a\u0000b', 'a\u009bb', 'a\ud800'])('%j is refused', (text) => {
    expect(checkReason(text)).toMatchObject({ ok: false });
  });
});

it('ended and unknown executions are named as the seed names them', () => {
  expect(alreadyEnded('5', 'COMPLETED')).toBe('Execution 5 is already COMPLETED');
  expect(notFound('1')).toBe('Execution 1 not found');
});
