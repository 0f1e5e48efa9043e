import { describe, expect, it } from 'vitest';
import { STALE_CODES, type StaleCode } from '../../../source/domain/staleness/staleness-types.js';
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
    expect(ui.frame).toContain('nowhere: 0 of 4');
    expect(ui.lines[2]).toMatch(/ 0 of 4 *$/);
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

  it('sorts by a column with one key, the other way round with the same again, and marks it', async () => {
    const ui = openConsole(rows);
    expect(ui.lines[3]).toContain('RUN▲');
    ui.press('P');
    await ui.waitFor('PLAYBOOK▲');
    expect(lineOf(ui, 'crm/sync')).toBeLessThan(lineOf(ui, 'etl/load_orders'));
    ui.press('P');
    await ui.waitFor('PLAYBOOK▼');
    expect(lineOf(ui, 'crm/sync')).toBeGreaterThan(lineOf(ui, 'etl/load_orders'));
    ui.press('4', 'W');
    await ui.waitFor('this view is not sorted by why');
  });

  it('promises to mark as many safe ones as the filter leaves, and marks as many', async () => {
    const many = ['crm/a', 'crm/b', 'etl/c'].map((path, index) => staleRow(`${70 + index}`, 'orphaned', { path }));
    const ui = openConsole([...many, staleRow('80', 'live-claim', { path: 'crm/d' })]);
    ui.press('2');
    await ui.waitFor('a marks 3 safe · ◇ orphaned 3 · ! live-claim 1');
    ui.press('/');
    ui.type('path:crm/*');
    ui.press('enter');
    await ui.waitFor('a marks 2 safe · ◇ orphaned 2 · ! live-claim 1');
    expect(ui.lines[2]).toMatch(/ 1\/3 of 4 *$/);
    ui.press('a');
    await ui.waitFor('marked 2 stale executions');
    expect(ui.model.list.state.getState().marks.size).toBe(2);
    await ui.waitFor(() => !ui.frame.includes('a marks'));
  });

  it('brings back marks that were cleared, and ends a message with what it speaks of', async () => {
    const ui = openConsole(rows);
    ui.press('*');
    await ui.waitFor('marked 2; 2 healthy left out');
    ui.press('escape');
    await ui.waitFor('2 unmarked: u marks them again');
    ui.press('u');
    await ui.waitFor('2 marked again');
    ui.press('space');
    await ui.waitFor(() => !ui.frame.includes('2 marked again'));
    ui.press('u', 'j', 'space', 'space', 'u');
    expect(ui.model.list.state.getState().marks.size).toBe(0);
    ui.press('u');
    expect([...ui.model.list.state.getState().marks.keys()]).toHaveLength(2);
  });

  it('uses a second line for the causes where one is too short', async () => {
    const codes = ['worker-lost', 'orphaned', 'never-claimed', 'no-successor', 'failed-step', 'live-claim', 'queued'];
    const ui = openConsole(
      codes.map((code, index) => staleRow(`${70 + index}`, code as StaleCode)),
      { size: { columns: 60, rows: 24 } },
    );
    ui.press('2');
    await ui.waitFor(' a marks 5 safe · ');
    const first = lineOf(ui, 'a marks 5 safe');
    expect(ui.lines[first + 1]).toMatch(/^ [◇!] [a-z-]+ 1 · /u);
    expect(ui.lines[first + 2]).toContain('EXECUTION');
    ui.press('G');
    await ui.waitFor('7/7');
    ui.click(5, first + 3);
    expect(ui.model.list.state.getState().cursor).toBe(0);
    ui.resize({ columns: 200, rows: 24 });
    await ui.waitFor(() => ui.lines[first + 1]?.includes('EXECUTION') === true);
  });

  it('counts the causes that two lines do not hold, and says which key shows them', async () => {
    const ui = openConsole(
      STALE_CODES.map((code, index) => staleRow(`${70 + index}`, code)),
      { size: { columns: 60, rows: 24 } },
    );
    ui.press('2');
    await ui.waitFor(/\d more causes: b$/m);
  });

  it('counts nothing before the first read', async () => {
    const ui = openConsole([]);
    ui.feed.health({ kind: 'loading' }, { readAt: 0 });
    await ui.waitFor('– running, – stale');
  });
});
