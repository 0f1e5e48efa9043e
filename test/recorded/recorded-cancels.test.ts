import { describe, expect, it } from 'vitest';
import { createFollowService } from '../../source/service/follow/follow.js';
import type { EventStore } from '../../source/store/event-store.js';
import { type EventRow, type TestDatabase, writeEvents } from '../helpers/database.js';
import { emptyTables } from '../helpers/empty-tables.js';
import { withStore } from '../helpers/with-store.js';
import { RECORDED_CANCELS } from './recorded-cancels.js';

const rowsOf = (executionId: string): (EventRow & { event_id: string; created_at: number })[] =>
  (RECORDED_CANCELS[executionId] ?? '')
    .trim()
    .split('\n')
    .map((line) => {
      const [event_id = '', time = '', event_type = '', node_name = '', worker = '-', command = '-'] = line
        .trim()
        .split(' ');
      return {
        execution_id: executionId,
        event_id,
        created_at: Date.parse(`2026-11-24T${time.slice(0, 12)}Z`),
        event_type,
        node_name,
        meta: { ...(worker === '-' ? {} : { worker_id: worker }), ...(command === '-' ? {} : { command_id: command }) },
      };
    });

let db: TestDatabase;
let store: EventStore;
withStore((opened) => {
  ({ db, store } = opened);
});

/** The state as of every row from the cancel on, each look by a console of its own. */
async function statesOf(executionId: string) {
  const rows = rowsOf(executionId);
  const at = rows.findIndex((row) => row.event_type === 'execution.cancelled');
  const seen: string[] = [];
  await emptyTables(db.pool, 'event');
  await writeEvents(db.pool, rows.slice(0, at));
  for (const row of rows.slice(at)) {
    await writeEvents(db.pool, [row]);
    const [record] = await store.recentCancellations(1);
    const { states } = await createFollowService(store).look([record!]);
    seen.push(`${row.event_type}: ${states[0]?.phase}${states[0]?.issuedAfter ? ', 1 issued afterwards' : ''}`);
  }
  return seen;
}

describe('recorded cancels, cut after every row', () => {
  it.each(['767253570813952080', '767253576677589128'])('python %s drains and stops', async (id) => {
    expect(await statesOf(id)).toEqual([
      'execution.cancelled: draining',
      'batch.accepted: draining',
      'call.done: draining',
      'step.exit: draining',
      'command.completed: stopped',
      'batch.processing: stopped',
      'command.issued: stopped, 1 issued afterwards',
      'batch.completed: stopped, 1 issued afterwards',
    ]);
  });

  it.each(['383624580890955776', '383624695483535360', '383624701657550848', '383624702580297728'])(
    'rust %s drains and stops',
    async (id) => {
      expect(await statesOf(id)).toEqual([
        'execution.cancelled: draining',
        'call.done: draining',
        'command.completed: stopped',
      ]);
    },
  );
});
