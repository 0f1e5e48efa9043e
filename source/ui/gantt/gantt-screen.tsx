import { Box } from 'ink';
import { memo, type ReactElement, useMemo } from 'react';
import { useStore } from 'zustand';
import { formatElapsed } from '../../text/duration.js';
import { visibleText } from '../../text/visible-text.js';
import { wrap } from '../../text/width.js';
import { Frame, useBodyHeight } from '../chrome/frame.js';
import { fullTime, type TimeZone, zoneLabel } from '../kit/format-time.js';
import { Line, type Piece } from '../kit/line.js';
import { EmptyList, type EmptyText } from '../rows/empty-list.js';
import type { KeyOf } from '../shell/console-context.js';
import type { ScreenProps } from '../shell/screen.js';
import type { Theme } from '../shell/theme.js';
import { useClockText, useConsole, useTheme } from '../shell/use-console.js';
import { MOST_EVENTS } from './event-log.js';
import { headingCells, rowCells, rowFacts, STATE_COLORS } from './format-gantt.js';
import { FACT_ROWS, type GanttModel, type GanttState } from './gantt-model.js';
import {
  axisLine,
  barCells,
  CELL_GLYPHS,
  type Cell,
  type GanttColumns,
  ganttColumns,
  type Range,
  rangeOf,
  runsOf,
} from './layout.js';
import type { GanttMode, GanttRow } from './rows.js';

const MODE_WORDS: Readonly<Record<GanttMode, string>> = {
  steps: 'by step',
  iterations: 'by iteration',
  tree: 'whole tree',
};
const HEADINGS: Readonly<Record<GanttMode, readonly [string, string]>> = {
  steps: ['STEP', 'WORKER'],
  iterations: ['STEP', 'WORKER'],
  tree: ['EXECUTION', 'ID'],
};
/** What a cell means, in full and for a narrow screen. */
const LEGEND: readonly (readonly [Cell, string, string])[] = [
  ['works', 'works', 'works'],
  ['waits', 'waits for a worker', 'queued'],
  ['children', 'waits for children', 'children'],
  ['failed', 'failed', 'failed'],
  ['cancelled', 'cancelled', 'cancelled'],
  ['open', 'goes on', 'open'],
];
const LEGEND_IN_FULL_FROM = 84;

/** Bars over time: who ran when, and what waited on what. */
export function GanttScreen({ screen: model, size }: ScreenProps<GanttModel>): ReactElement {
  const state = useStore(model.state);
  const { cursor, offset, height } = useStore(model.scroll.state);
  const { context } = useConsole();
  const zone = useStore(context.times, (times) => times.zone);
  const { columns: width } = size;
  const body = useBodyHeight(size, true);
  const { rows, mode } = state;
  const isOpen = useMemo(() => rows.some((row) => row.to === null), [rows]);
  // A chart of what has ended does not change with the clock, and neither does a paused one.
  const now = useClockText((clock) => (isOpen ? clock.now : 0));
  const range = useMemo(() => rangeOf(rows, now), [rows, now]);
  const columns = useMemo(() => ganttColumns(width), [width]);
  const note = noteOf(model, state, range, { now, zone, keyOf: context.keyOf });
  return (
    <Frame size={size} title={`Bars of ${model.executionId}`} note={note} scope="gantt">
      {rows.length === 0 ? (
        <EmptyList width={width} height={body} words={emptyText(state, context.keyOf)} />
      ) : (
        <>
          <Heading range={range} columns={columns} mode={mode} width={width} />
          <Box flexDirection="column" height={height} flexShrink={0}>
            {rows.slice(offset, offset + height).map((row, at) => (
              <BarRow
                key={row.id}
                row={row}
                range={range}
                columns={columns}
                width={width}
                now={now}
                isCursor={offset + at === cursor}
              />
            ))}
          </Box>
          <Facts row={rows[cursor]} state={state} width={width} now={now} zone={zone} />
        </>
      )}
    </Frame>
  );
}

function noteOf(
  { path }: GanttModel,
  { mode, problem, paused, truncated, rows }: GanttState,
  { from, to, silentSince }: Range,
  { now, zone, keyOf }: { now: number; zone: TimeZone; keyOf: KeyOf },
): string {
  const cut = mode === 'tree' ? 'part of the tree' : `newest ${MOST_EVENTS} events`;
  return [
    problem === null ? '' : `not read: ${problem}`,
    paused ? `paused (${keyOf('pause')} resumes)` : '',
    MODE_WORDS[mode],
    truncated ? cut : '',
    silentSince === null ? '' : `silent for ${formatElapsed(now - silentSince)}, cut off`,
    rows.length === 0
      ? ''
      : `${formatElapsed((silentSince ?? to) - from)} from ${fullTime(from, zone).slice(0, 19)} ${zoneLabel(from, zone)}`,
    path ? visibleText(path) : '',
  ]
    .filter((part) => part !== '')
    .join(' · ');
}

function emptyText({ problem, loading }: GanttState, keyOf: KeyOf): EmptyText {
  if (problem !== null) {
    return { title: 'The events could not be read', hints: [problem, `${keyOf('refresh')} retries.`], tone: 'bad' };
  }
  if (loading) return { title: 'Reading the events…', hints: [], tone: 'faint' };
  return { title: 'This execution has no events', hints: [`${keyOf('back')} goes back.`], tone: 'warn' };
}

function Heading({
  range,
  columns,
  mode,
  width,
}: {
  range: Range;
  columns: GanttColumns;
  mode: GanttMode;
  width: number;
}): ReactElement {
  const theme = useTheme();
  const text = `  ${headingCells(columns, HEADINGS[mode])}${axisLine(range, columns.bar)}`;
  return <Line width={width} pieces={[{ text, color: theme.faint, bold: true }]} />;
}

const CELL_COLORS: Readonly<Record<Cell, keyof Theme | null>> = {
  blank: null,
  waits: 'warn',
  works: null,
  children: 'accent',
  open: 'running',
  cancelled: 'cancelled',
  failed: 'failed',
};

interface BarRowProps {
  readonly row: GanttRow;
  readonly range: Range;
  readonly columns: GanttColumns;
  readonly width: number;
  readonly now: number;
  readonly isCursor: boolean;
}

const BarRow = memo(function BarRow({ row, range, columns, width, now, isCursor }: BarRowProps): ReactElement {
  const theme = useTheme();
  const runs = useMemo(() => runsOf(barCells(row, range, columns.bar)), [row, range, columns]);
  const { label, who, took } = rowCells(row, columns, now);
  const inverse = isCursor && theme.plain;
  const words = isCursor ? theme.cursorText : theme.text;
  const own = theme[STATE_COLORS[row.state]];
  const colorOf = (cell: Cell): string | undefined => {
    const name = CELL_COLORS[cell];
    return name === null ? own : (theme[name] as string | undefined);
  };
  return (
    <Line
      width={width}
      background={isCursor ? theme.cursorBackground : undefined}
      pieces={[
        { text: isCursor ? '▸ ' : '  ', color: words, bold: true, inverse },
        { text: label, color: row.state === 'failed' && !isCursor ? theme.failed : words, bold: isCursor, inverse },
        { text: who + took, color: isCursor ? theme.cursorText : theme.faint, inverse },
        ...runs.map(({ cell, text }): Piece => ({ text, color: colorOf(cell) })),
      ]}
    />
  );
});

interface FactsProps {
  readonly row: GanttRow | undefined;
  readonly state: GanttState;
  readonly width: number;
  readonly now: number;
  readonly zone: TimeZone;
}

/** The row under the cursor in words, and what the cells mean. */
function Facts({ row, state, width, now, zone }: FactsProps): ReactElement {
  const theme = useTheme();
  const lines = row ? wrap(rowFacts(row, { now, zone, tree: state.tree }), width - 1, FACT_ROWS) : [];
  const legend = LEGEND.map(
    ([cell, words, short]) => `${CELL_GLYPHS[cell]} ${width < LEGEND_IN_FULL_FROM ? short : words}`,
  ).join('  ');
  return (
    <Box flexDirection="column" height={FACT_ROWS + 2} flexShrink={0}>
      <Line width={width} pieces={[{ text: '─'.repeat(width), color: theme.faint }]} />
      {Array.from({ length: FACT_ROWS }, (_, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines of one text
        <Line key={at} width={width} pieces={[{ text: lines[at] ?? '', color: theme.text }]} />
      ))}
      <Line width={width} pieces={[{ text: legend, color: theme.faint }]} />
    </Box>
  );
}
