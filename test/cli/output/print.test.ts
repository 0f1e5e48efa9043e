import { describe, expect, it } from 'vitest';
import { treeLines } from '../../../source/cli/commands/tree.js';
import { cancelBlock } from '../../../source/cli/output/cancel.js';
import { withoutPasswords } from '../../../source/cli/output/failure.js';
import { createStyle, wantsColor } from '../../../source/cli/output/style.js';
import { table } from '../../../source/cli/output/table.js';
import type { Execution } from '../../../source/domain/execution.js';
import { arrange } from '../../../source/service/tree.js';
import { csvLines, safeCsvLines } from '../../../source/text/csv.js';
import { truncate as cut, displayWidth as widthOf } from '../../../source/text/width.js';

const PLAIN = createStyle(false);

describe('the block of a cancel, to the letter', () => {
  it('of a tree', () => {
    const block = cancelBlock({
      executionId: '543857931469455628',
      cancelled: ['543857931469455628', '543857932012345678', '543857933098765432'],
      reason: 'Detected infinite loop',
    });
    expect(block).toBe(`
============================================================
Execution: 543857931469455628
Status:    CANCELLED
Cancelled: 3 execution(s)
Message:   Cancelled 3 execution(s)
Reason:    Detected infinite loop

Cancelled executions:
  - 543857931469455628
  - 543857932012345678
  - 543857933098765432
============================================================
`);
    const rules = block.split('\n').filter((line) => line.startsWith('='));
    expect(rules.map((line) => line.length)).toEqual([60, 60]);
  });

  it('of one, without a reason', () => {
    expect(cancelBlock({ executionId: '7', cancelled: ['7'], reason: null })).toBe(`
============================================================
Execution: 7
Status:    CANCELLED
Cancelled: 1 execution(s)
Message:   Cancelled 1 execution(s)
============================================================
`);
  });

  it('names the one that was cancelled where it is not the one that was asked for', () => {
    expect(cancelBlock({ executionId: '7', cancelled: ['8'], reason: null })).toContain(
      'Cancelled executions:\n  - 8\n',
    );
  });
});

describe('table', () => {
  const rows = [
    { id: '1', path: '集計/売上📦', note: 'short' },
    { id: '22', path: 'etl/load', note: 'a long sentence that does not fit anywhere near here' },
  ];
  const columns = [
    { title: 'ID', cell: (row: (typeof rows)[number]) => row.id, align: 'right' as const },
    { title: 'PATH', cell: (row: (typeof rows)[number]) => row.path, drop: 1 },
    { title: 'NOTE', cell: (row: (typeof rows)[number]) => row.note, least: 10 },
  ];

  it('aligns by columns of the terminal, not by characters', () => {
    expect(table(rows, columns, PLAIN)).toEqual([
      'ID  PATH         NOTE',
      ' 1  集計/売上📦  short',
      '22  etl/load     a long sentence that does not fit anywhere near here',
    ]);
  });
  it('cuts what may be cut to fit, then drops columns', () => {
    expect(table(rows, columns, PLAIN, 40)).toEqual([
      'ID  PATH         NOTE',
      ' 1  集計/売上📦  short',
      '22  etl/load     a long sentence that d…',
    ]);
    expect(table(rows, columns, PLAIN, 20)).toEqual(['ID  NOTE', ' 1  short', '22  a long sentence…']);
  });
  it.each([20, 25, 30, 40, 60, 200])('fits into %d columns', (width) => {
    for (const line of table(rows, columns, PLAIN, width)) expect(widthOf(line)).toBeLessThanOrEqual(width);
  });
  it('has a header without rows', () => expect(table([], columns, PLAIN)).toEqual(['ID  PATH  NOTE']));
  it('takes 200,000 rows', () => {
    const many = Array.from({ length: 200_000 }, (_, index) => ({ id: `${index}`, path: 'p', note: 'n' }));
    expect(table(many, columns, PLAIN)).toHaveLength(200_001);
  });
});

describe('cut', () => {
  it.each<[string, number, string]>([
    ['abcdef', 6, 'abcdef'],
    ['abcdef', 5, 'abcd…'],
    ['売上売上', 5, '売上…'],
    ['売上売上', 4, '売…'],
    ['e\u0301e\u0301e\u0301', 2, 'e\u0301…'],
    ['abc', 0, ''],
    ['abc', 1, '…'],
  ])('%j in %d', (text, width, expected) => expect(cut(text, width)).toBe(expected));
});

it('csv quotes what needs it and tells null from an empty text', () => {
  expect(csvLines([['a', null, '', 'x,y', 'q"q', 'l\nl', ' s']])).toEqual(['a,,"","x,y","q""q","l\nl", s']);
});

describe('csv for spreadsheets', () => {
  it.each(['=1+1', '+cmd', '-1+1', '@SUM(A1)', '\t=1', '\r=1', '\n=1', ' =1', '\u200b=1', '＝1', '-', '=x,"y"'])(
    'takes the formula out of %j, and --csv leaves it',
    (value) => {
      const [line] = safeCsvLines([[value]]);
      expect(line!.replace(/^"/, '')).toMatch(/^'/);
      expect(line).toBe(csvLines([[`'${value}`]])[0]);
      expect(
        csvLines([[value]])[0]!
          .replace(/^"/, '')
          .startsWith(value[0]!),
      ).toBe(true);
    },
  );
  it('leaves everything else as it is', () => {
    const rows = [['a', null, '', '-5', '+1.5', '-1e9', 'a=b', 'x,y', "'q"]];
    expect(safeCsvLines(rows)).toEqual(csvLines(rows));
  });
});

describe('colour', () => {
  it.each<[Record<string, string>, boolean, boolean, boolean]>([
    [{}, true, false, true],
    [{}, false, false, false],
    [{ NO_COLOR: '1' }, true, false, false],
    [{ NO_COLOR: '' }, true, false, true],
    [{ FORCE_COLOR: '1' }, false, false, true],
    [{ FORCE_COLOR: '0' }, true, false, false],
    [{ FORCE_COLOR: '1', NO_COLOR: '1' }, false, false, true],
    [{ FORCE_COLOR: '1' }, true, true, false],
    [{ TERM: 'dumb' }, true, false, false],
  ])('%j, terminal %s, --no-color %s: %s', (env, isTerminal, noColor, expected) => {
    expect(wantsColor(env, isTerminal, noColor)).toBe(expected);
  });
});

it.each([
  ['postgresql://u:secret@h/d failed', 'postgresql://u:***@h/d failed'],
  ['postgres://u:a@b@h/d', 'postgres://u:***@h/d'],
  ['no url here: a@b', 'no url here: a@b'],
])('passwords of URLs are not shown: %s', (text, shown) => expect(withoutPasswords(text)).toBe(shown));

describe('tree', () => {
  const execution = (executionId: string, parentExecutionId: string | null): Execution => ({
    executionId,
    path: 'p',
    version: null,
    catalogId: null,
    parentExecutionId,
    stack: 'python',
    status: 'COMPLETED',
    ends: ['COMPLETED'],
    startedAt: Number(executionId),
    endedAt: 0,
    lastEvent: { eventId: '1', type: 'playbook.completed', node: null, status: null, workerId: null, at: 0 },
  });

  it('is drawn with its branches, deep ones too', () => {
    const links = [
      { parent: '1', child: '2' },
      { parent: '1', child: '3' },
      { parent: '2', child: '4' },
      { parent: '2', child: '5' },
      { parent: '3', child: '6' },
      { parent: '6', child: '1' },
    ];
    const executions = new Map(['1', '2', '3', '4', '5'].map((id) => [id, execution(id, null)]));
    const tree = { root: '1', ...arrange('1', links, executions), truncated: false, asOf: 0 };
    expect(treeLines(tree, { now: 0, staleAfterMs: 1 }, PLAIN)).toEqual([
      '1  ✓ COMPLETED  p  2 child(ren)',
      '├─ 2  ✓ COMPLETED  p  2 child(ren)',
      '│  ├─ 4  ✓ COMPLETED  p',
      '│  └─ 5  ✓ COMPLETED  p',
      '└─ 3  ✓ COMPLETED  p  1 child(ren)',
      '   └─ 6  (no events of its own)',
    ]);
  });

  it('of 5,000 levels costs no stack', () => {
    const links = Array.from({ length: 5000 }, (_, index) => ({ parent: `${index + 1}`, child: `${index + 2}` }));
    const tree = { root: '1', ...arrange('1', links, new Map()), truncated: false, asOf: 0 };
    expect(treeLines(tree, { now: 0, staleAfterMs: 1 }, PLAIN)).toHaveLength(5001);
  });
});
