import { describe, expect, it } from 'vitest';
import type { CancelRequest } from '../../../source/domain/cancellation.js';
import { createCancelService } from '../../../source/service/cancel/cancel.js';
import { createFollowService } from '../../../source/service/follow/follow.js';
import { batchFromLog } from '../../../source/service/report/batch-report.js';
import { type IncidentReport, incidentReport } from '../../../source/service/report/report.js';
import { incidentMarkdown } from '../../../source/service/report/report-markdown.js';
import type { EventStore } from '../../../source/store/event-store.js';
import { type EventRow, nextIdAt, type TestDatabase, writeEvents } from '../../helpers/database.js';
import { eventually } from '../../helpers/eventually.js';
import { withStore } from '../../helpers/with-store.js';

let db: TestDatabase;
let store: EventStore;
withStore((opened) => {
  ({ db, store } = opened);
});

const request = (batchId: string, cascade = true): CancelRequest => ({
  reason: 'Runaway | loop',
  cancelledBy: 'ann@ops',
  cascade,
  batchId,
  source: 'noetl-console/test',
});

/** An execution in the Python form with further events; answers its id. */
async function execution(types: string[] = [], parent?: string): Promise<string> {
  const at = Date.now() - 60_000;
  const id = nextIdAt(at, 'database');
  const rows: EventRow[] = [
    {
      execution_id: id,
      event_type: 'playbook.initialized',
      path: 'etl/load',
      ...(parent ? { parent_execution_id: parent } : {}),
    },
    ...types.map((event_type) => ({
      execution_id: id,
      event_type,
      path: 'etl/load',
      node_name: 'load',
      meta: { command_id: 'c1', worker_id: 'w1' },
    })),
  ];
  await writeEvents(
    db.pool,
    rows.map((row, index) => ({ ...row, created_at: at + index })),
  );
  return id;
}

/** Runs a batch and follows it; answers the report that is written at the time. */
async function runBatch(ids: string[], of: CancelRequest): Promise<IncidentReport> {
  const service = createCancelService(store);
  const report = await service.run(await service.plan(ids, { cascade: of.cascade }), of);
  const follow = await createFollowService(store).follow(report, { timeoutMs: 20_000 });
  return incidentReport({ report, follow, database: 'db', writtenAt: Date.now() });
}

async function fromLog(batchId: string): Promise<IncidentReport> {
  const found = await batchFromLog(store, batchId);
  if (!found) throw new Error('no such batch');
  return incidentReport({ ...found, fromLog: true, database: 'db', writtenAt: Date.now() });
}

/** Without when it was made, and without what the log does not hold. */
const comparable = ({ written_at, interrupted, via, evidence, executions, ...rest }: IncidentReport) => ({
  ...rest,
  executions: executions.map((entry) => ({ ...entry, via: null })),
  evidence: evidence && { ...evidence, as_of: null },
});

describe('the report of a batch from the log', () => {
  it('equals the one written at the time, and later says what has happened since', async () => {
    const root = await execution(['command.issued', 'command.claimed']);
    await writeEvents(db.pool, [
      {
        execution_id: root,
        event_type: 'command.completed',
        node_name: 'load',
        meta: { command_id: 'c1', worker_id: 'w1' },
        created_at: Date.now() - 50_000,
      },
    ]);
    await execution([], root);
    await execution(['playbook.completed'], root);
    const alone = await execution();
    const written = await runBatch([root, alone], request('batch-1'));
    expect(written.evidence).toMatchObject({ settled: true, phases: { stopped: 3 } });
    expect(written.plan.already_ended).toHaveLength(1);
    const read = await fromLog('batch-1');
    expect(comparable(read)).toEqual(comparable(written));
    expect(read).toMatchObject({ cancelled_by: 'ann@ops', reason: 'Runaway | loop', interrupted: null, via: null });

    await writeEvents(db.pool, [
      {
        execution_id: root,
        event_type: 'command.claimed',
        node_name: 'again',
        meta: { command_id: 'c9', worker_id: 'rogue' },
      },
    ]);
    const later = await fromLog('batch-1');
    expect(later.evidence).toMatchObject({ settled: false, phases: { stopped: 2, 'still-emitting': 1 } });
    expect(incidentMarkdown(later)).toMatch(/not all \(2 stopped, 1 still emitting\) as of \d{4}-/);
  });

  it('names a child that appeared afterwards, and a root that had ended', async () => {
    const root = await execution(['playbook.failed']);
    const child = await execution([], root);
    await runBatch([root], request('batch-2'));
    const late = nextIdAt(Date.now(), 'database');
    await writeEvents(db.pool, [
      { execution_id: late, event_type: 'playbook.initialized', parent_execution_id: child, path: 'etl/load' },
    ]);
    const read = await fromLog('batch-2');
    expect(read.plan).toMatchObject({ requested: [root], already_ended: [{ execution_id: root, as: 'FAILED' }] });
    expect(read.executions.map((entry) => [entry.execution_id, entry.outcome])).toEqual([
      [child, 'cancelled'],
      [late, 'not-planned'],
    ]);
    expect(read.evidence?.settled).toBe(false);
  });

  it('counts as stopped only what it cancelled: no child that began later and ended, or was cancelled by others', async () => {
    const root = await execution();
    await execution([], root);
    await runBatch([root], request('batch-4'));
    const began = (types: string[], meta: Record<string, string> = {}) => {
      const id = nextIdAt(Date.now(), 'database');
      const all = ['playbook.initialized', ...types];
      return writeEvents(
        db.pool,
        all.map((event_type) => ({ execution_id: id, event_type, parent_execution_id: root, path: 'etl/load', meta })),
      ).then(() => id);
    };
    const ended = await began(['playbook.completed']);
    const byOthers = await began(['execution.cancelled'], { batch_id: 'of-another' });
    // Its last row must be as old as one that proves quiet.
    const read = await eventually(
      () => fromLog('batch-4'),
      ({ evidence }) => evidence?.settled === true,
    );
    expect(read.counts).toEqual({ cancelled: 2 });
    expect(read.evidence).toMatchObject({ settled: true, phases: { stopped: 2 }, late: { count: 2, going_on: 0 } });
    expect(incidentMarkdown(read)).toMatch(
      /yes, all \(2 stopped\) as of \S+; 2 started after the cancel, not cancelled by this batch: ended since$/m,
    );
    expect(
      read.executions.filter(({ outcome }) => outcome === 'not-planned').map(({ execution_id }) => execution_id),
    ).toEqual(expect.arrayContaining([ended, byOthers]));
  });

  it('does not call late what ran before it and was left out, and counts it neither as stopped nor as going on', async () => {
    const root = await execution();
    const out = await execution([], root);
    const service = createCancelService(store);
    const of = request('batch-5');
    const report = await service.run(await service.plan([root], { cascade: true, leaveOut: [out] }), of);
    const follow = await createFollowService(store).follow(report, { timeoutMs: 20_000 });
    const written = incidentReport({ report, follow, database: 'db', writtenAt: Date.now() });
    expect(written.evidence).toMatchObject({ settled: true, phases: { stopped: 1 } });
    expect(comparable(await fromLog('batch-5'))).toEqual(comparable(written));
    await writeEvents(db.pool, [{ execution_id: out, event_type: 'playbook.completed', path: 'etl/load' }]);
    expect(comparable(await fromLog('batch-5'))).toEqual(comparable(written));
  });

  it('knows a batch of both stacks once each, and none that is unknown or older than asked for', async () => {
    const rust = nextIdAt(Date.now() - 5000, 'rust');
    await writeEvents(db.pool, [{ execution_id: rust, event_type: 'playbook_started', created_at: Date.now() - 5000 }]);
    const python = await execution();
    await runBatch([rust, python], request('batch-3', false));
    const records = await store.cancellationsOfBatch('batch-3');
    expect(records.map((record) => record.executionId)).toEqual([rust, python]);
    expect(await store.cancellationsOfBatch('batch-3', { since: Date.now() + 3_600_000 })).toEqual([]);
    expect(await batchFromLog(store, 'nothing')).toBeNull();
  });
});
