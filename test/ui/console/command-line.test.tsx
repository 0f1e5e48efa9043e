import { describe, expect, it } from 'vitest';
import { KEYMAP } from '../../../source/ui/shell/keymap.js';
import { openConsole, type TestConsole } from '../helpers/console.js';
import { NOW, row, staleRow } from '../helpers/executions.js';
import { deferred } from '../helpers/fake-services.js';

const rows = () => [row('501', { path: 'etl/orders', startedAt: NOW }), staleRow('502', 'orphaned'), row('611')];
const OLD = '400000000000000001';
const command = (ui: TestConsole, line: string) => {
  ui.press(':');
  ui.type(line);
  ui.press('enter');
};
const lineOf = (ui: TestConsole, text: string) => ui.lines.find((line) => line.includes(text)) ?? '';

describe('the command line', () => {
  it('opens an execution that is loaded at once, and an old one from the database', async () => {
    const ui = openConsole(rows(), {
      prepare: (fake) => fake.executions.set(OLD, { ...row(OLD, { path: 'etl/old' }).execution }),
    });
    command(ui, '501');
    expect(ui.model.top).toMatchObject({ kind: 'describe', executionId: '501' });
    expect(ui.fake.reads).not.toContain('executionsById');
    ui.press('escape');
    command(ui, `tree ${OLD}`);
    await ui.waitFor(`Tree of ${OLD}`);
    // From any screen, and back to it.
    command(ui, `timeline 0${OLD}`);
    await ui.waitFor(() => ui.model.top.kind === 'timeline');
    await ui.waitFor('etl/old');
    ui.press('escape');
    expect(ui.model.top).toMatchObject({ kind: 'tree', root: OLD });
  });

  it('says in one line what is absent, and what is not an id', async () => {
    const ui = openConsole(rows());
    command(ui, '123');
    await ui.waitFor('Execution 123 not found');
    for (const [line, says] of [
      ['12x4', 'not a valid execution id: 12x4 is not a decimal number'],
      ['tree 0', 'not a valid execution id: 0 is zero'],
      ['99999999999999999999', 'is above 9223372036854775807'],
      ['tree 1 2', 'tree takes one id'],
      ['1 2', 'one id at a time'],
      ['reload', 'unknown command reload; Tab lists them'],
      ['refersh', 'did you mean refresh?'],
      ['refresh now', 'refresh takes no argument'],
      ['fold-all', 'fold-all does not apply on this screen (Lists); it belongs to: Tree'],
      ['filter age>', 'not a duration'],
    ] as const) {
      command(ui, line);
      await ui.waitFor(says);
      // It stays open for a correction, with the text as it was typed.
      expect(lineOf(ui, `:${line}`)).not.toBe('');
      ui.press('escape');
    }
    await ui.waitFor('? help');
  });

  it('says why the database could not be asked, and what is found too late covers no other screen', async () => {
    const ui = openConsole(rows(), {
      prepare: (fake) => Object.assign(fake, { storeFailure: new Error('took too long') }),
    });
    command(ui, '123');
    await ui.waitFor('123 could not be read: took too long');
    ui.fake.storeFailure = null;
    const gate = deferred<void>();
    const { store } = ui.fake.services;
    const late = openConsole(rows(), {
      services: {
        ...ui.fake.services,
        store: {
          ...store,
          connection: ui.fake.connection,
          executionsById: async () => {
            await gate.promise;
            return { executions: [row(OLD).execution], asOf: 0 };
          },
        },
      },
    });
    command(late, OLD);
    late.press('?');
    gate.resolve();
    await late.waitFor(`found ${OLD}: enter it again to open it`);
    expect(late.model.top.kind).toBe('help');
  });

  it('runs every action by its name as its key does', async () => {
    const ui = openConsole(rows());
    command(ui, 'stale');
    await ui.waitFor('[2 Stale');
    command(ui, 'view-all');
    await ui.waitFor('[5 All');
    command(ui, 'mark');
    await ui.waitFor('1 marked');
    command(ui, 'causes');
    await ui.waitFor('Stale executions by cause');
    command(ui, 'filter path:etl/*');
    await ui.waitFor('path:etl/*');
    expect(ui.model.list.state.getState().filterText).toBe('path:etl/*');
    command(ui, 'cancel 502 611');
    await ui.waitFor(/Cancels 1 execution|2 chosen|502/);
    expect(ui.model.top.kind).toBe('cancel');
    ui.press('escape');
    command(ui, 'q');
    expect(ui.hasQuit).toBe(true);
    // Names are unambiguous: the registry is the keymap.
    const names = KEYMAP.flatMap(({ id, names = [] }) => [id, ...names]);
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  });

  it('refuses in a read-only console what leads to a write', async () => {
    const ui = openConsole(rows(), { readOnly: true });
    for (const line of ['cancel', 'cancel 501']) {
      command(ui, line);
      await ui.waitFor('cancel is off: this console is read-only');
      ui.press('escape');
    }
    expect(ui.model.top.kind).toBe('list');
  });

  it('completes names and ids: what they share first, then one after the other', async () => {
    const ui = openConsole(rows());
    const text = () => ui.model.context.command.getState().prompt?.line.text;
    ui.press(':');
    ui.type('vi');
    ui.press('tab');
    expect(text()).toBe('view-');
    ui.press('tab');
    expect(text()).toBe('view-active');
    ui.press('tab', 'tab', 'shift-tab');
    expect(text()).toBe('view-all');
    await ui.waitFor('[view-all]');
    ui.press('ctrl-u');
    ui.type('tree 50');
    await ui.waitFor('501  502');
    ui.press('tab', 'tab');
    expect(text()).toBe('tree 502');
    ui.press('ctrl-u');
    ui.type('6');
    ui.press('tab');
    expect(text()).toBe('611');
    // What does not work here is not offered.
    ui.press('ctrl-u');
    ui.type('fold');
    ui.press('tab');
    await ui.waitFor('nothing to complete');
    ui.press('escape');
    await ui.waitFor('? help');
  });

  it('keeps the lines of the session, and the one that was being typed', () => {
    const ui = openConsole(rows());
    const text = () => ui.model.context.command.getState().prompt?.line.text;
    command(ui, 'stale');
    command(ui, 'stale');
    command(ui, 'all');
    ui.press(':');
    ui.type('ru');
    ui.press('up');
    expect(text()).toBe('all');
    ui.press('up', 'up');
    expect(text()).toBe('stale');
    ui.press('down', 'down', 'down');
    expect(text()).toBe('ru');
    ui.press('backspace', 'backspace', 'backspace');
    expect(text()).toBeUndefined();
  });

  it('takes a paste as one line, and shows what a terminal must not obey', async () => {
    const ui = openConsole(rows());
    ui.press(':');
    ui.paste('\n50\u001b]0;x\u0007\n');
    await ui.waitFor(':50␛]0;x␇');
    ui.press('enter');
    await ui.waitFor('not a valid execution id');
    expect(ui.frame).not.toContain('\u001b]0;');
    ui.paste('9'.repeat(2000));
    await ui.waitFor('too long');
  });
});

describe('the way there and back', () => {
  it('switches views from every screen, and Esc returns to where one was, cursor and filter kept', async () => {
    const ui = openConsole([...rows(), staleRow('701', 'never-claimed'), staleRow('702', 'orphaned')]);
    const list = () => ui.model.list.place();
    ui.press('G');
    const before = list();
    for (const [open, kind] of [
      ['enter', 'tree'],
      ['d', 'describe'],
      ['e', 'timeline'],
      ['?', 'help'],
      ['b', 'causes'],
    ] as const) {
      ui.press(open);
      expect(ui.model.top.kind).toBe(kind);
      ui.press('2');
      expect([ui.model.top.kind, list().view]).toEqual(['list', 'stale']);
      ui.press('tab');
      expect(list().view).toBe('runaway');
      ui.press('2', 'down', '/');
      ui.type('why:orphaned');
      ui.press('enter');
      // The filter was set here, so Esc clears it first.
      ui.press('escape');
      expect([ui.model.top.kind, list().filter]).toEqual(['list', '']);
      ui.press('escape');
      expect(ui.model.top.kind).toBe(kind);
      ui.press('escape');
      expect(list()).toEqual(before);
    }
    ui.press('escape');
    await ui.waitFor('this is the first screen; q quits');
  });

  it('finds the cursor again in a view that reads rows of its own', async () => {
    const ids = ['41', '42', '43', '44'];
    const ui = openConsole(
      ids.map((id) => row(id, { status: 'CANCELLED', endedAt: NOW - Number(id), path: 'etl/dup' })),
      {
        prepare: (fake) =>
          fake.cancellations.push(
            ...ids.map((id) => ({
              ...{ executionId: id, path: 'etl/dup', at: NOW - Number(id), eventId: `7${id}`, reason: null },
              ...{ cancelledBy: 'bob@ops', cascade: true, parentCancelId: null, batchId: 'b-1', source: 'test' },
            })),
          ),
      },
    );
    ui.press('4');
    await ui.waitFor(() => ui.model.list.state.getState().order.ids.length === ids.length);
    ui.press('j', 'j');
    const before = ui.model.list.place();
    ui.press('enter', '1', 'escape', 'escape');
    await ui.waitFor(() => ui.model.list.place().executionId === before.executionId);
    expect(ui.model.list.place()).toEqual(before);
    expect(before).toMatchObject({ view: 'cancelled', executionId: expect.stringMatching(/^4[234]$/) });
  });

  it('goes from a cause to its executions and back to the cause', async () => {
    const ui = openConsole([
      staleRow('701', 'never-claimed'),
      staleRow('702', 'orphaned'),
      staleRow('703', 'orphaned'),
    ]);
    ui.press('b');
    await ui.waitFor('▸ orphaned');
    ui.press('down');
    await ui.waitFor('▸ never-claimed');
    ui.press('k', 'enter');
    await ui.waitFor('why:orphaned');
    expect(ui.model.list.state.getState().order.ids.toSorted()).toEqual(['702', '703']);
    ui.press('enter');
    expect(ui.model.top.kind).toBe('tree');
    ui.press('escape', 'escape');
    await ui.waitFor('▸ orphaned');
    expect(ui.model.list.place()).toMatchObject({ view: 'active', filter: '' });
  });

  it('forgets the oldest screens of a long way, and still finds back to the list', () => {
    const ui = openConsole(rows());
    for (let turn = 0; turn < 60; turn += 1) ui.press('d', turn % 2 === 0 ? '2' : '5');
    expect(ui.model.screens.store.getState().stack.length).toBeLessThanOrEqual(40);
    for (let turn = 0; turn < 45; turn += 1) ui.press('escape');
    expect(ui.model.screens.store.getState().stack).toHaveLength(1);
    expect(ui.model.list.place().view).toBe('active');
  });

  it('says that a key does nothing', async () => {
    const ui = openConsole(rows(), { keys: { help: ['f1'], refresh: 'X' } });
    ui.press('r');
    await ui.waitFor('r does nothing here; F1 shows the keys');
    ui.press('enter', 'f7');
    await ui.waitFor('F7 does nothing here; F1 shows the keys');
    ui.press('X');
    await ui.waitFor(() => !ui.frame.includes('does nothing'));
    await ui.waitFor('F1 help');
  });

  it('searches the help of all screens, and has another text for each', async () => {
    const ui = openConsole(rows(), { size: { columns: 80, rows: 24 } });
    ui.press('enter', '?');
    await ui.waitFor('Help: Tree');
    expect(ui.frame).toContain('fold every branch');
    ui.press('/');
    ui.type('leave out');
    await ui.waitFor('Help: search in all screens');
    expect(ui.frame).toMatch(/Keys: Cancel dialog\s+Ctrl-T +include or leave out the descendants/);
    ui.type(' zzz');
    await ui.waitFor('nothing in help matches');
    ui.press('enter', 'escape');
    await ui.waitFor('Help: Tree');
    ui.press('escape');
    await ui.waitFor('Tree of 501');
  });
});
