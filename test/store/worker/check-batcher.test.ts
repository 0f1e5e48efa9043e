import { describe, expect, it } from 'vitest';
import { CheckBatcher } from '../../../source/store/worker/check-batcher.js';
import { deferred, turn } from '../../guard/fakes.js';

type Row = { terminal_types: string[]; latest_type: string | null } | undefined;
const row = (latest_type: string): Row => ({ terminal_types: [], latest_type });

/** A batcher whose statements the test answers. */
function batcherOf() {
  const sent: { ids: readonly string[]; answer: (row: Row) => void; fail: (error: unknown) => void }[] = [];
  const batcher = new CheckBatcher({
    one: (id) => {
      const { promise, resolve, reject } = deferred<Row>();
      sent.push({ ids: [id], answer: resolve, fail: reject });
      return promise;
    },
    many: (ids) => {
      const { promise, resolve, reject } = deferred<Row>();
      sent.push({ ids, answer: resolve, fail: reject });
      return promise.then((answer) => new Map(ids.filter((id) => id !== '999').map((id) => [id, answer])));
    },
  });
  return { batcher, sent };
}

describe('CheckBatcher', () => {
  it('asks at once and one by one while little is to do', async () => {
    const { batcher, sent } = batcherOf();
    const first = batcher.ask('1');
    const second = batcher.ask('2');
    await turn();
    expect(sent.map(({ ids }) => ids)).toEqual([['1'], ['2']]);
    sent[0]?.answer(row('a'));
    sent[1]?.answer(undefined);
    expect(await first).toEqual(row('a'));
    expect(await second).toBeUndefined();
  });

  it('asks for many together, each once, and tells unknown ones apart', async () => {
    const { batcher, sent } = batcherOf();
    const ids = [...Array.from({ length: 20 }, (_, index) => String(index)), '999'];
    const answers = [...ids, ...ids].map((id) => batcher.ask(id));
    await turn();
    expect(sent).toHaveLength(1);
    expect(sent[0]?.ids).toEqual(ids);
    sent[0]?.answer(row('x'));
    const rows = await Promise.all(answers);
    expect(rows[0]).toEqual(row('x'));
    expect(rows[20]).toBeUndefined();
    expect(rows[41]).toBeUndefined();
  });

  it('never answers from a statement that began before the question', async () => {
    const { batcher, sent } = batcherOf();
    const before = batcher.ask('1');
    await turn();
    const after = batcher.ask('1');
    await turn();
    expect(sent).toHaveLength(2);
    sent[0]?.answer(row('old'));
    sent[1]?.answer(row('new'));
    expect(await before).toEqual(row('old'));
    expect(await after).toEqual(row('new'));
  });

  it('keeps to so many statements at a time and gathers the rest', async () => {
    const { batcher, sent } = batcherOf();
    for (const id of ['1', '2']) void batcher.ask(id);
    await turn();
    const rest = ['5', '6', '7', '8', '9'].map((id) => batcher.ask(id));
    await turn();
    expect(sent).toHaveLength(2);
    sent[0]?.answer(row('a'));
    await turn();
    await turn();
    expect(sent[2]?.ids).toEqual(['5', '6', '7', '8', '9']);
    sent[2]?.answer(row('b'));
    expect(await Promise.all(rest)).toEqual(Array.from({ length: 5 }, () => row('b')));
  });

  it('does not ask for ids that lie far apart in one statement', async () => {
    const { batcher, sent } = batcherOf();
    const near = ['640000000000000001', '640000000000000002', '640000000000000003'];
    const far = ['330000000000000001', '330000000000000002', '330000000000000003'];
    const answers = [...near, ...far].map((id) => batcher.ask(id));
    await turn();
    await turn();
    expect(sent.map(({ ids }) => ids)).toEqual([near, far]);
    for (const statement of sent) statement.answer(row('x'));
    expect(await Promise.all(answers)).toHaveLength(6);
  });

  it('fails a batch as a whole, and goes on', async () => {
    const { batcher, sent } = batcherOf();
    const answers = Array.from({ length: 6 }, (_, index) => batcher.ask(String(index)));
    const settled = Promise.allSettled(answers);
    await turn();
    sent[0]?.fail(new Error('away'));
    expect((await settled).every((one) => one.status === 'rejected')).toBe(true);
    const again = batcher.ask('1');
    await turn();
    sent[1]?.answer(row('back'));
    expect(await again).toEqual(row('back'));
  });
});
