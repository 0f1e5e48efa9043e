import { describe, expect, it } from 'vitest';
import { SAFE_CODES, type StaleCode } from '../../../source/domain/staleness/staleness-types.js';
import type { ExecutionSummary } from '../../../source/service/live-feed/feed-state.js';
import { causeRows } from '../../../source/ui/causes/causes-model.js';

const NOW = 1_800_000_000_000;
const MINUTE = 60_000;

function row(
  silentMinutes: number,
  code: StaleCode | null,
  path = 'etl/a',
  status: 'RUNNING' | 'FAILED' = 'RUNNING',
): ExecutionSummary {
  const evidence = { sentence: '', eventType: null, node: null, commandId: null, workerId: null };
  return {
    execution: {
      executionId: '1',
      path,
      version: 1,
      catalogId: '1',
      parentExecutionId: null,
      stack: 'rust',
      status,
      ends: [],
      startedAt: NOW - silentMinutes * MINUTE,
      endedAt: null,
      lastEvent: {
        eventId: '1',
        type: 'x',
        node: null,
        status: null,
        workerId: null,
        at: NOW - silentMinutes * MINUTE,
      },
    },
    currentStep: null,
    workerId: null,
    children: null,
    diagnosis: code && {
      code,
      safe: SAFE_CODES.has(code),
      evidence: { ...evidence, relatedExecutionId: null, at: null, namedAt: null, ageMs: null, cohort: null },
    },
  };
}

describe('the table of causes', () => {
  it('counts stale executions alone, safe causes first, and adds them up', () => {
    const rows = [
      row(20, 'live-claim'),
      row(90, 'worker-lost'),
      row(30, 'worker-lost', 'etl/b'),
      row(40, null),
      row(5, null),
      row(500, 'orphaned', 'etl/c', 'FAILED'),
    ];
    expect(causeRows(rows, NOW, 10 * MINUTE)).toEqual([
      { why: 'worker-lost', safe: 'yes', executions: 2, playbooks: 2, longest: '1h 30m' },
      { why: 'live-claim', safe: 'no', executions: 1, playbooks: 1, longest: '20m' },
      { why: 'being diagnosed', safe: '', executions: 1, playbooks: 1, longest: '40m' },
      { why: 'all', safe: '', executions: 4, playbooks: 2, longest: '1h 30m' },
    ]);
  });

  it('is empty when nothing is stale', () => {
    expect(causeRows([row(1, null)], NOW, 10 * MINUTE)).toEqual([]);
  });
});
