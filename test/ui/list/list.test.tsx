import stringWidth from 'string-width';
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

describe('the list', () => {
  it('says where it is connected and never shows a password', () => {
    const ui = openConsole(rows);
    expect(ui.lines[0]).toContain('ann@db.example:5432/noetl ');
    expect(ui.lines[0]).toContain('● live');
    expect(ui.lines[1]).toContain('2 running, 2 stale');
  });

  it('says all the time that it is a demo, and where, without its password', () => {
    const ui = openConsole(rows, { demo: true });
    expect(ui.lines[0]).toContain(' DEMO  ann@db.example:5432/noetl ');
    for (const key of ['enter', 'escape', 'e', 'escape', '?', 'escape', 'c']) {
      ui.press(key);
      expect(ui.frame).toContain('DEMO');
      expect(ui.frame).not.toContain('postgresql://');
    }
  });

  it('names a schema only where it is not the usual one', () => {
    const ui = openConsole(rows, {
      prepare: (fake) => {
        fake.connection = { ...fake.connection, schema: 'other' };
      },
    });
    expect(ui.lines[0]).toContain('ann@db.example:5432/noetl schema other');
  });

  it('never draws a frame without its footer when a line comes or goes', async () => {
    const many = Array.from({ length: 60 }, (_, index) => staleRow(`${500 + index}`, 'orphaned'));
    const ui = openConsole(many, { size: { columns: 100, rows: 20 } });
    const views = [
      ['2', '[2 Stale'],
      ['1', '[1 Active'],
      ['2', '[2 Stale'],
    ] as const;
    for (const [key, shown] of views) {
      ui.press(key);
      await ui.waitFor(shown);
      ui.press('G');
      await ui.waitFor('60/60');
    }
    const broken = ui.frames.filter((frame) => !frame.trimEnd().split('\n').at(-1)?.includes('? help'));
    expect(broken).toEqual([]);
  });

  it('switches the view when a tab is clicked', async () => {
    const ui = openConsole(rows);
    ui.click(ui.lines[1]?.indexOf('Stale') ?? 0, 1);
    await ui.waitFor('[2 Stale');
    ui.click(ui.lines[1]?.indexOf('Active') ?? 0, 1);
    await ui.waitFor('[1 Active');
    // The header above is no tab, and neither is the room to their right.
    ui.click(ui.lines[1]?.indexOf('Stale') ?? 0, 0);
    ui.click(90, 1);
    expect(ui.model.list.state.getState().view).toBe('active');
    ui.press('enter');
    ui.click(20, 1);
    expect(ui.model.list.state.getState().view).toBe('active');
  });

  it('shows views, and why what is stale is stale', async () => {
    const ui = openConsole(rows);
    expect(ui.frame).toContain('[1 Active 4]');
    ui.press('2');
    await ui.waitFor('[2 Stale 2]');
    expect(ui.frame).toContain('a marks 1 safe · ◇ worker-lost 1 · ! awaiting-callback 1');
    expect(ui.frame).toContain('evidence for awaiting-callback');
    expect(ui.frame).not.toContain('crm/sync');
    ui.press('4');
    await ui.waitFor('No cancellations yet');
    ui.press('5');
    await ui.waitFor('[5 All]');
    ui.press('h', 'h', 'h', 'h');
    await ui.waitFor('[1 Active 4]');
  });

  it('shows what the database says and obeys none of it', () => {
    const ui = openConsole(rows);
    expect(ui.frame).toContain('a␛[31m\\u{202E}b␉c');
    expect(ui.frame).not.toContain('\u001b[31m');
    expect(ui.frame).not.toContain('\u202e');
  });

  it.each([
    { columns: 60, rows: 20 },
    { columns: 80, rows: 24 },
    { columns: 120, rows: 40 },
    { columns: 200, rows: 50 },
    { columns: 250, rows: 80 },
  ])('fits on $columns×$rows in every screen', async (size) => {
    const ui = openConsole(rows, { size });
    const fits = () => {
      expect(ui.lines.length).toBeLessThanOrEqual(size.rows);
      for (const line of ui.lines) expect(stringWidth(line)).toBeLessThanOrEqual(size.columns);
    };
    fits();
    for (const key of [
      '2',
      '3',
      '4',
      '5',
      '1',
      '/',
      'escape',
      'enter',
      'escape',
      'e',
      'escape',
      '?',
      'escape',
      'b',
      'escape',
      'c',
      'escape',
    ]) {
      ui.press(key);
      await ui.waitFor(() => ui.lines.length > 3);
      fits();
    }
    expect(ui.lines.at(-1)).toContain('Enter tree');
  });

  it('says that a terminal is too small, and recovers', async () => {
    const ui = openConsole(rows, { size: { columns: 59, rows: 30 } });
    expect(ui.frame).toContain('59×30, needs 60×20');
    expect(ui.frame).not.toContain('etl/load_orders');
    ui.resize({ columns: 80, rows: 24 });
    await ui.waitFor('etl/load_orders');
    ui.resize({ columns: 12, rows: 3 });
    await ui.waitFor('needs 60×20'.slice(0, 5));
    ui.resize({ columns: 100, rows: 30 });
    await ui.waitFor('etl/load_orders');
  });

  it('keeps the cursor on its execution when rows come, end and change; new ones come in order', async () => {
    const ui = openConsole(rows);
    ui.press('j');
    await ui.waitFor('▸ ● RUNNING    12');
    ui.feed.put(row('99', { ...at(0), path: 'brand/new' }), row('11', { ...at(1), status: 'COMPLETED', endedAt: NOW }));
    await ui.waitFor('brand/new');
    expect(lineOf(ui, 'brand/new')).toBeLessThan(lineOf(ui, 'etl/load_orders'));
    expect(ui.lines[lineOf(ui, 'crm/sync')]).toContain('▸');
    expect(ui.frame).toContain('1 ended since sorting: r re-sorts');
    ui.press('r');
    await ui.waitFor(() => !ui.frame.includes('COMPLETED'));
    expect(ui.lines[lineOf(ui, 'crm/sync')]).toContain('▸');
    expect(ui.feed.refreshes).toBe(1);
  });

  it('keeps marks on their executions while rows move, and shows how many there are', async () => {
    const ui = openConsole(rows);
    ui.press('j', 'space');
    await ui.waitFor('1 marked');
    ui.press('I');
    await ui.waitFor('sorted: oldest start first');
    expect(ui.lines[lineOf(ui, 'crm/sync')]).toContain('✱');
    ui.press('u');
    await ui.waitFor(() => !ui.frame.includes('✱'));
  });

  it('marks a range', async () => {
    const ui = openConsole(rows);
    ui.press('v', 'j', 'j');
    await ui.waitFor('range of 3');
    ui.press('v');
    await ui.waitFor('3 marked');
    expect([...ui.model.list.state.getState().marks.keys()]).toEqual(['11', '12', '13']);
  });

  it('marks the group under the cursor, an import as one', async () => {
    const imported = (id: string, cohort: string) => {
      const one = staleRow(id, 'imported');
      return {
        ...one,
        diagnosis: one.diagnosis && { ...one.diagnosis, evidence: { ...one.diagnosis.evidence, cohort } },
      };
    };
    const ui = openConsole([imported('31', 'a'), imported('32', 'a'), imported('33', 'b'), staleRow('34', 'orphaned')]);
    ui.press('2');
    await ui.waitFor('imported 3 (2 imports)');
    ui.press('g');
    const first = ui.model.list.state.getState().cursorId;
    ui.press('m');
    const marks = [...ui.model.list.state.getState().marks.keys()].toSorted();
    expect(marks).toEqual(first === '33' ? ['33'] : first === '34' ? ['34'] : ['31', '32']);
    ui.press('w');
    await ui.waitFor('filter why:');
    ui.press('w');
    await ui.waitFor(() => !ui.frame.includes('filter why:'));
  });
});
