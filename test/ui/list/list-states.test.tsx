import { describe, expect, it } from 'vitest';
import { openConsole, type TestConsole } from '../helpers/console.js';
import { MINUTE, NOW, row, staleRow } from '../helpers/executions.js';

const at = (minutes: number) => ({ startedAt: NOW - minutes * MINUTE });
const rows = [
  row('11', { ...at(1), path: 'etl/load_orders' }),
  row('12', { ...at(2), path: 'crm/sync' }),
  staleRow('13', 'worker-lost', { ...at(90), path: '集計/売上_日次📦' }),
  staleRow('14', 'awaiting-callback', { ...at(95), path: 'a\u001b[31m\u202eb\tc' }),
];
const lineOf = (ui: TestConsole, text: string) => ui.lines.findIndex((line) => line.includes(text));

describe('the list, when something is special', () => {
  it('points at what is wrong in a filter and keeps the last good one', async () => {
    const ui = openConsole(rows);
    ui.press('/');
    ui.type('path:etl/* age>soon');
    await ui.waitFor('^^^^^^^^ "soon" is not a duration');
    ui.press('enter');
    expect(ui.model.list.state.getState().prompt).not.toBeNull();
    ui.press('ctrl-u');
    ui.type('path:etl/*');
    ui.press('enter');
    await ui.waitFor('filter path:etl/*');
    expect(ui.frame).not.toContain('crm/sync');
    ui.press('escape');
    await ui.waitFor('crm/sync');
  });

  it('says that nothing matches, and how to get out', async () => {
    const ui = openConsole(rows);
    ui.press('/');
    ui.type('nowhere');
    ui.press('enter');
    await ui.waitFor('Nothing matches the filter');
    expect(ui.frame).toContain('Esc clears it');
  });

  it('keeps the last data when the connection is lost, with its age, and says when it tries again', async () => {
    const ui = openConsole(rows);
    ui.feed.health(
      {
        kind: 'reconnecting',
        attempt: 3,
        nextTryAt: Date.now() + 8000,
        problem: 'connection refused at db.example:5432',
      },
      { readAt: Date.now() - 12_000 },
    );
    await ui.waitFor('connection lost, next try in');
    expect(ui.frame).toMatch(/data 1[12]s old/);
    expect(ui.frame).toContain('connection refused at db.example:5432');
    expect(ui.frame).toContain('etl/load_orders');
    ui.feed.health({ kind: 'live' }, { readAt: Date.now() });
    await ui.waitFor('● live');
  });

  it('has words for the first read, and for a first read that failed', async () => {
    const ui = openConsole([]);
    ui.feed.health({ kind: 'loading' }, { readAt: 0 });
    await ui.waitFor('Reading executions');
    ui.feed.health(
      { kind: 'reconnecting', attempt: 1, nextTryAt: 0, problem: 'ann may not read noetl.event' },
      { readAt: 0 },
    );
    await ui.waitFor('The database cannot be read');
    expect(ui.frame).toContain('ann may not read noetl.event');
    ui.feed.health({ kind: 'live' }, { readAt: Date.now() });
    await ui.waitFor('Nothing is running');
  });

  it('says what failed in a view that reads for itself', async () => {
    const ui = openConsole([], { prepare: (fake) => Object.assign(fake, { storeFailure: new Error('no privilege') }) });
    ui.press('4');
    await ui.waitFor('This view could not be read');
    expect(ui.frame).toContain('no privilege');
  });

  it('shows who cancelled what and why, and whether it stopped', async () => {
    const ui = openConsole([row('41', { status: 'CANCELLED', endedAt: NOW - MINUTE, path: 'etl/dup' })], {
      prepare: (fake) =>
        fake.cancellations.push({
          executionId: '41',
          path: 'etl/dup',
          at: NOW - MINUTE,
          eventId: '77',
          reason: 'duplicate\u001b[0m run',
          cancelledBy: 'bob@ops',
          cascade: true,
          parentCancelId: null,
          batchId: 'b-1',
          source: 'noetl-console/1',
        }),
    });
    ui.press('4');
    await ui.waitFor('■ stopped');
    expect(ui.frame).toContain('duplicate␛[0m run');
    expect(ui.frame).toContain('bob@ops');
    expect(ui.frame).toMatch(/^ +stopped *$/m);
  });

  it('changes the threshold for itself and for the feed, and warns below ten minutes', async () => {
    const ui = openConsole(rows);
    ui.press('-');
    await ui.waitFor('below 10m, healthy executions may count as stale');
    expect(ui.feed.thresholds.at(-1)).toBe(5 * MINUTE);
    ui.press('+', '+');
    await ui.waitFor('stale after 15m of silence');
  });

  it('copies the id, or all marked ones', async () => {
    const ui = openConsole(rows);
    ui.press('y');
    ui.press('space', 'space', 'y');
    expect(ui.copied).toEqual(['11', '11\n12']);
    await ui.waitFor('copied 2 ids');
  });

  it('takes the mouse', () => {
    const ui = openConsole(rows);
    const click = {
      kind: 'mouse',
      action: 'press',
      button: 'left',
      x: 5,
      ctrl: false,
      meta: false,
      shift: false,
    } as const;
    ui.model.input({ ...click, y: lineOf(ui, 'crm/sync') });
    expect(ui.model.list.state.getState().cursorId).toBe('12');
    ui.model.input({ ...click, y: 0 });
    expect(ui.model.list.state.getState().cursorId).toBe('12');
    ui.model.input({ ...click, action: 'wheel-down', button: 'none', y: 9 });
    expect(ui.model.list.state.getState().cursor).toBeGreaterThanOrEqual(0);
  });

  it('pauses', async () => {
    const ui = openConsole(rows);
    ui.press('p');
    await ui.waitFor('‖ paused');
    ui.press('p');
    await ui.waitFor('● live');
  });

  it('puts waiting changes in order by itself when a view is entered anew', async () => {
    const ui = openConsole(rows);
    ui.feed.put(row('99', { ...at(0), path: 'brand/new' }));
    await ui.waitFor('1 new');
    ui.press('2', '1');
    await ui.waitFor(() => lineOf(ui, 'brand/new') < lineOf(ui, 'etl/load_orders'));
    expect(ui.frame).not.toContain('1 new');
  });
});
