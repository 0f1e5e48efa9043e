import { describe, expect, it } from 'vitest';
import {
  type IncidentReport,
  incidentFile,
  incidentReport,
  type ReportInput,
} from '../../../source/service/report/report.js';
import { isVisible } from '../../../source/text/visible-text.js';

const at = Date.UTC(2026, 4, 22, 3, 30, 0);
const input: ReportInput = {
  writtenAt: at + 60_000,
  database: 'noetl@db:5432/noetl',
  report: {
    request: {
      reason: 'Loop | <b>\u001b[31m',
      cancelledBy: 'ann@ops',
      cascade: true,
      batchId: 'b-1',
      source: 'noetl-console/1.0.0',
    },
    plan: {
      requested: ['10', '99', '7'],
      targets: [
        {
          executionId: '10',
          rootId: '10',
          parentExecutionId: null,
          stack: 'rust',
          path: 'etl/root',
          depth: 0,
          layout: 'rust',
        },
        {
          executionId: '11',
          rootId: '10',
          parentExecutionId: '10',
          stack: 'rust',
          path: 'etl/child',
          depth: 1,
          layout: 'rust',
        },
      ],
      ended: [{ executionId: '7', rootId: '7', as: 'COMPLETED', endedAt: at, depth: 0 }],
      unknown: ['99'],
    },
    outcomes: [
      { kind: 'cancelled', executionId: '10', rootId: '10', eventId: '9007199254740993', at, late: false },
      { kind: 'ended', executionId: '11', rootId: '10', as: 'CANCELLED', lostRace: true, endedBy: 'bob@ops' },
      { kind: 'cancelled', executionId: '12', rootId: '10', eventId: '501', at, late: true },
      { kind: 'failed', executionId: '13', rootId: '10', message: 'boom' },
    ],
    startedAt: at,
    finishedAt: at + 500,
    interrupted: false,
    sweepProblem: null,
  },
  follow: {
    asOf: at + 30_000,
    allSettled: false,
    late: ['20'],
    states: [
      { executionId: '10', phase: 'stopped', draining: 0, violation: null, holding: [] },
      {
        executionId: '12',
        phase: 'draining',
        draining: 1,
        violation: null,
        holding: [{ commandKey: 'c', node: 'load', workerId: 'w1', since: at, workerAlive: false }],
      },
      {
        executionId: '20',
        phase: 'still-emitting',
        draining: 0,
        violation: {
          eventId: '777',
          type: 'command.started',
          commandKey: 'c',
          node: 'spawn',
          workerId: 'w2',
          at: at + 1000,
        },
      },
    ],
  },
};

describe('the incident report', () => {
  it('holds who, when, why, the plan, each outcome and the evidence', () => {
    const report = incidentReport(input);
    expect(report).toMatchObject({
      cancelled_by: 'ann@ops',
      cascade: true,
      batch_id: 'b-1',
      started_at: '2026-05-22T03:30:00.000Z',
      plan: {
        requested: ['10', '99', '7'],
        targets: 2,
        already_ended: [{ execution_id: '7', as: 'COMPLETED' }],
        unknown: ['99'],
      },
      counts: { cancelled: 2, ended: 1, failed: 1 },
      evidence: {
        settled: false,
        phases: { requested: 0, draining: 1, stopped: 1, abandoned: 0, 'still-emitting': 0 },
        late: { count: 1, going_on: 1 },
      },
    });
    const byId = new Map(report.executions.map((entry) => [entry.execution_id, entry]));
    expect(byId.get('10')).toMatchObject({
      path: 'etl/root',
      cancel_event_id: '9007199254740993',
      stop: { phase: 'stopped' },
    });
    expect(byId.get('11')).toMatchObject({
      outcome: 'ended',
      detail: 'already CANCELLED when it was written to by bob@ops',
      stop: null,
    });
    expect(byId.get('12')).toMatchObject({ late: true, stop: { holding: [{ worker: 'w1', worker_alive: false }] } });
    expect(byId.get('13')).toMatchObject({ outcome: 'failed', detail: 'failed: boom' });
    expect(byId.get('20')).toMatchObject({
      outcome: 'not-planned',
      late: true,
      stop: { violation: { event_id: '777', worker: 'w2' } },
    });
  });

  it('is JSON, or Markdown by the file’s ending', () => {
    const parsed = JSON.parse(incidentFile('incident.json', input)) as IncidentReport;
    expect(parsed).toEqual(incidentReport(input));
    expect(incidentFile('incident', input).startsWith('{')).toBe(true);
    const markdown = incidentFile('Incident.MD', input);
    expect(markdown).toContain('# Cancellation of 3 executions');
    expect(markdown).toContain('- **Who:** `ann@ops` with `noetl-console/1.0.0`');
    expect(markdown).toContain('- **Settled:** not all (1 stopped, 1 draining) as of');
    expect(markdown).toContain('`command.started` 777 of step spawn by w2 at 2026-05-22T03:30:01.000Z');
    expect(markdown).toContain('load held by w1 (missing or silent) since 2026-05-22T03:30:00.000Z');
    expect(markdown).toContain('| 10 | etl/root | cancelled |');
  });

  it('lets no text of the database or the operator shape the Markdown or the terminal', () => {
    const markdown = incidentFile('a.md', input);
    expect(markdown).toContain('`Loop `\\|` <b>␛[31m');
    expect(markdown).not.toContain('\u001b');
  });

  it('keeps nothing raw in JSON that a terminal obeys or that nobody can see', () => {
    const hostile = 'a\u009b31m\u202egnp\u2066x\u200b\ufeff\ud800\u2028b';
    const report = { ...input.report, request: { ...input.report.request, reason: hostile } };
    const file = incidentFile('a.json', { ...input, report });
    expect(file.split('\n').every(isVisible)).toBe(true);
    expect(JSON.parse(file).reason).toBe(hostile);
  });

  it('counts what had ended, and names the first of them', () => {
    expect(incidentFile('a.md', input)).toContain('- Already COMPLETED, skipped: 1 (7)');
    const ended = Array.from({ length: 25 }, (_, index) => ({
      executionId: String(100 + index),
      rootId: '7',
      as: 'FAILED' as const,
      endedAt: null,
      depth: 1,
    }));
    const report = { ...input.report, plan: { ...input.report.plan, ended } };
    expect(incidentFile('a.md', { ...input, report })).toMatch(/Already FAILED, skipped: 25 \(100, .*, 119 and 5 more/);
  });

  it('says that nobody followed', () => {
    const report = incidentReport({ ...input, follow: null });
    expect(report.evidence).toBeNull();
    expect(incidentFile('a.md', { ...input, follow: null })).toContain('- **Settled:** not followed');
  });
});
