import { Box, Text } from 'ink';
import { type ReactElement, useMemo } from 'react';
import { useStore } from 'zustand';
import { displayStatus } from '../../domain/execution.js';
import { visibleText } from '../../text/visible-text.js';
import { displayWidth, truncate } from '../../text/width.js';
import { ConditionLine } from '../chrome/condition-line.js';
import { BatchLine, Footer, NoticeLine } from '../chrome/footer.js';
import { Header } from '../chrome/header.js';
import { Line, type Piece } from '../kit/line.js';
import { TextField } from '../kit/text-field.js';
import { caretLine } from '../kit/text-input.js';
import { type Column, columnsFor, headPieces } from '../rows/columns.js';
import { EmptyList } from '../rows/empty-list.js';
import { ExecutionPanel } from '../rows/execution-panel.js';
import { detailsOf } from '../rows/format-details.js';
import type { ActionId } from '../shell/keymap-types.js';
import type { ScreenProps } from '../shell/screen.js';
import { useClockText, useConsole, useTheme } from '../shell/use-console.js';
import type { ViewId } from '../shell/views.js';
import { ExecutionRows } from './execution-rows.js';
import { tabLine } from './format-tabs.js';
import { listLayout } from './layout.js';
import { emptyText, formatPosition, listStateParts } from './list-empty.js';
import type { ListModel } from './list-model.js';
import { sortOf, underCursor } from './list-state.js';
import { sortMark } from './row-order.js';

/** Keys of the footer that do nothing in a view: what has been cancelled is not marked, and what runs is not stale. */
const IDLE_IN: Readonly<Partial<Record<ViewId, ReadonlySet<ActionId>>>> = {
  runaway: new Set(['mark-safe', 'mark-group']),
  cancelled: new Set(['cancel', 'mark', 'mark-safe', 'mark-group', 'only-why']),
};
const NOT_IDLE: ReadonlySet<ActionId> = new Set();

/** The list of executions in one of its views. */
export function ListScreen({ screen: list, size }: ScreenProps<ListModel>): ReactElement {
  const { context } = useConsole();
  const { columns: width, rows } = size;
  const view = useStore(list.state, (state) => state.view);
  const isEmpty = useStore(list.state, (state) => state.order.ids.length === 0);
  const isPrompting = useStore(list.state, (state) => state.prompt !== null);
  const hasBatch = useStore(context.batches.store, (state) => state.line !== '');
  const hasCondition = useStore(context.engine.store, (state) => state.conditions.length > 0);
  const summary = useStore(list.summary, (state) => state.lines.length);
  const zone = useStore(context.times, (times) => times.zone);
  const columns = useMemo(() => columnsFor(view, width, zone), [view, width, zone]);
  const { hasPanel, summaryLines, rows: height } = listLayout(view, size, { hasBatch, hasCondition, summary });
  return (
    <Box flexDirection="column" width={width} height={rows} overflowY="hidden">
      <Header width={width} />
      <Tabs list={list} width={width} />
      <ConditionLine width={width} />
      <StateLine list={list} width={width} />
      {summaryLines > 0 && <Summary list={list} width={width} lines={summaryLines} />}
      <Heads list={list} columns={columns} width={width} />
      {isEmpty ? (
        <Nothing list={list} width={width} height={height} />
      ) : (
        <ExecutionRows list={list} columns={columns} width={width} height={height} />
      )}
      <Box flexGrow={1} />
      {hasPanel && <Panel list={list} width={width} />}
      {hasBatch && <BatchLine width={width} />}
      {isPrompting ? (
        <FilterPrompt list={list} width={width} />
      ) : (
        <>
          <Trouble list={list} width={width} withWhy={!hasPanel} />
          <Footer scope="list" width={width} idle={IDLE_IN[view] ?? NOT_IDLE} />
        </>
      )}
    </Box>
  );
}

function StateLine({ list, width }: { list: ListModel; width: number }): ReactElement {
  const { context, theme } = useConsole();
  const known = useStore(context.engine.store, (state) => state.livenessKnown);
  const blind = known === false ? ' · worker liveness unknown' : '';
  const text = useStore(list.state, (state) => listStateParts(state, context.keyOf).join(' · ')) + blind;
  const position = useStore(list.state, formatPosition);
  const hasMarks = useStore(list.state, (state) => state.marks.size > 0 || state.rangeFrom !== null);
  const shown = truncate(text, width - displayWidth(position) - 3);
  const gap = ' '.repeat(Math.max(1, width - displayWidth(shown) - displayWidth(position) - 2));
  return (
    <Line
      width={width}
      pieces={[
        { text: ` ${shown}`, color: hasMarks ? theme.mark : theme.faint, bold: hasMarks },
        { text: gap },
        { text: position, color: theme.faint },
      ]}
    />
  );
}

/** Why the execution under the cursor is as it is. */
function Panel({ list, width }: { list: ListModel; width: number }): ReactElement {
  const id = useStore(list.state, underCursor);
  const isCancelled = useStore(list.state, (state) => state.view === 'cancelled');
  const staleAfterMs = useStore(list.state, (state) => state.staleAfterMs);
  const row = useStore(list.source.store, (state) => (id === null ? undefined : state.rows.get(id)));
  return <ExecutionPanel row={row} staleAfterMs={staleAfterMs} withCancel={isCancelled} width={width} />;
}

/** What the filter leaves by cause: one line, or two. */
function Summary({ list, width, lines: most }: { list: ListModel; width: number; lines: number }): ReactElement {
  const { theme } = useConsole();
  const lines = useStore(list.summary, (state) => state.lines);
  return (
    <>
      {Array.from({ length: most }, (_, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the lines have no other identity
        <Line key={at} width={width} pieces={[{ text: ` ${lines[at] ?? ''}`, color: theme.text }]} />
      ))}
    </>
  );
}

/** The column heads, the sorted one marked. */
function Heads({ list, columns, width }: { list: ListModel; columns: readonly Column[]; width: number }): ReactElement {
  const theme = useTheme();
  const sort = useStore(list.state, sortOf);
  const pieces = headPieces(columns, sortMark(sort, columns)).map(({ text, isSorted }) => ({
    text,
    bold: true,
    color: isSorted ? theme.accent : theme.faint,
  }));
  return <Line width={width} pieces={pieces} />;
}

/**
 * What just happened; when nothing did, what is wrong with the connection or with what the view reads; and where there
 * is not enough room for the panel, what its sentences say as far as one line holds them.
 */
function Trouble({ list, width, withWhy }: { list: ListModel; width: number; withWhy: boolean }): ReactElement {
  const { context } = useConsole();
  const zone = useStore(context.times, (times) => times.zone);
  const view = useStore(list.state, (state) => state.view);
  const id = useStore(list.state, underCursor);
  const staleAfterMs = useStore(list.state, (state) => state.staleAfterMs);
  const row = useStore(list.source.store, (state) => (id === null ? undefined : state.rows.get(id)));
  const problem = useStore(list.source.store, ({ health, side }) =>
    health.kind === 'reconnecting' ? health.problem : (side[view]?.problem ?? ''),
  );
  const why = useClockText(({ now }) => {
    if (!withWhy || !row) return '';
    const status = displayStatus(row.execution, now, staleAfterMs);
    return detailsOf(row, status, { now, zone }, { inCancelledView: view === 'cancelled' })
      .sentences.filter((one) => one !== '')
      .join(' · ');
  });
  return <NoticeLine width={width} otherwise={visibleText(problem) || why} />;
}

function Nothing({ list, width, height }: { list: ListModel; width: number; height: number }): ReactElement {
  const { context } = useConsole();
  const state = useStore(list.state);
  const { health, readAt, side, history } = useStore(list.source.store);
  return (
    <EmptyList
      words={emptyText(state, { health, readAt, side: side[state.view], history, keyOf: context.keyOf })}
      width={width}
      height={height}
    />
  );
}

/** Second line: the views with their keys and counts, and how many run and are stale. */
function Tabs({ list, width }: { list: ListModel; width: number }): ReactElement {
  const { theme } = useConsole();
  const view = useStore(list.state, (state) => state.view);
  const running = useStore(list.source.store, (state) => state.counts.running);
  const stale = useStore(list.source.store, (state) => state.counts.stale);
  const runaway = useStore(list.source.store, (state) => state.counts.runaway);
  const isKnown = useStore(list.source.store, (state) => state.readAt > 0);
  const isSoFar = useStore(list.source.store, (state) => state.history !== undefined);
  const { tabs, tally } = tabLine(view, isKnown ? { running, stale, runaway, isSoFar } : null, width);
  const pieces = tabs.map(({ id, text }): Piece => {
    const isHere = id === view;
    const color = isHere
      ? theme.accent
      : (id === 'stale' && stale > 0) || (id === 'runaway' && runaway)
        ? theme.stale
        : theme.faint;
    return { text, color, bold: isHere };
  });
  const used = pieces.reduce((sum, piece) => sum + displayWidth(piece.text), 0);
  const right: Piece = { text: tally.padStart(width - used), color: stale > 0 ? theme.stale : theme.faint };
  return <Line width={width} pieces={[...pieces, right]} />;
}

const HINT = 'Enter applies · Esc discards · path:etl/* status:stale age>10m why:orphaned worker:w-7 parent:ID -word';

/** The filter being typed, and under it what is wrong with it, pointed at; the last good filter stays in force. */
function FilterPrompt({ list, width }: { list: ListModel; width: number }): ReactElement | null {
  const theme = useTheme();
  const prompt = useStore(list.state, (state) => state.prompt);
  const problem = useStore(list.state, (state) => state.promptProblem);
  if (!prompt) return null;
  return (
    <Box flexDirection="column" flexShrink={0}>
      <Box height={1}>
        <Text bold color={theme.accent}>
          /
        </Text>
        <TextField input={prompt} width={width - 1} isFocused />
      </Box>
      <Line
        width={width}
        pieces={[
          problem
            ? { text: caretLine(prompt, problem, width), color: theme.bad, bold: true }
            : { text: HINT, color: theme.faint },
        ]}
      />
    </Box>
  );
}
