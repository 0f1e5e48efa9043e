import { Box } from 'ink';
import { type ReactElement, useMemo } from 'react';
import { useStore } from 'zustand';
import { displayStatus } from '../../domain/execution.js';
import { SAFE_CODES, type StaleCode } from '../../domain/staleness/staleness-types.js';
import { visibleText } from '../../text/visible-text.js';
import { displayWidth, truncate } from '../../text/width.js';
import { ConditionLine } from '../chrome/condition-line.js';
import { BatchLine, Footer, NoticeLine } from '../chrome/footer.js';
import { Header } from '../chrome/header.js';
import { Line } from '../kit/line.js';
import { columnsFor, headLine } from '../rows/columns.js';
import { EmptyList } from '../rows/empty-list.js';
import { keyName } from '../shell/keymap-resolve.js';
import type { ScreenProps } from '../shell/screen.js';
import { useClockText, useConsole } from '../shell/use-console.js';
import { DetailPanel } from './detail-panel.js';
import { ExecutionRows } from './execution-rows.js';
import { FilterPrompt } from './filter-prompt.js';
import { detailsOf } from './format-details.js';
import { formatPosition, listStateParts } from './format-list-state.js';
import { listLayout } from './layout.js';
import { codeSummary } from './list-counts.js';
import { emptyText } from './list-empty.js';
import type { ListModel } from './list-model.js';
import { underCursor } from './list-state.js';
import { Tabs } from './tabs.js';

const NO_CODES: ReadonlySet<StaleCode> = new Set();

/** The list of executions in one of its views. */
export function ListScreen({ screen: list, size }: ScreenProps<ListModel>): ReactElement {
  const { context, theme } = useConsole();
  const { columns: width, rows } = size;
  const view = useStore(list.state, (state) => state.view);
  const isEmpty = useStore(list.state, (state) => state.order.ids.length === 0);
  const isPrompting = useStore(list.state, (state) => state.prompt !== null);
  const hasBatch = useStore(context.batches.store, (state) => state.line !== '');
  const hasCondition = useStore(context.engine.store, (state) => state.conditions.length > 0);
  const columns = useMemo(() => columnsFor(view, width), [view, width]);
  const { hasPanel, hasSummary, rows: height } = listLayout(view, size, { hasBatch, hasCondition });
  return (
    <Box flexDirection="column" width={width} height={rows} overflowY="hidden">
      <Header width={width} />
      <Tabs list={list} width={width} />
      <ConditionLine width={width} />
      <StateLine list={list} width={width} />
      {hasSummary && <Summary list={list} width={width} />}
      <Line width={width} pieces={[{ text: headLine(columns), color: theme.faint, bold: true }]} />
      {isEmpty ? (
        <Nothing list={list} width={width} height={height} />
      ) : (
        <ExecutionRows list={list} columns={columns} width={width} height={height} />
      )}
      <Box flexGrow={1} />
      {hasPanel && <DetailPanel list={list} width={width} />}
      {hasBatch && <BatchLine width={width} />}
      {isPrompting ? (
        <FilterPrompt list={list} width={width} />
      ) : (
        <>
          <Trouble list={list} width={width} withWhy={!hasPanel} />
          <Footer scope="list" width={width} />
        </>
      )}
    </Box>
  );
}

function StateLine({ list, width }: { list: ListModel; width: number }): ReactElement {
  const { context, keymap, theme } = useConsole();
  const refresh = keyName(keymap.bindings.find((binding) => binding.id === 'refresh')?.keys[0] ?? 'r');
  const known = useStore(context.engine.store, (state) => state.livenessKnown);
  const blind = known === false ? ' · worker liveness unknown' : '';
  const text = useStore(list.state, (state) => listStateParts(state, refresh).join(' · ')) + blind;
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

function Summary({ list, width }: { list: ListModel; width: number }): ReactElement {
  const { context, theme } = useConsole();
  const mayJudge = useStore(context.engine.store, (state) => state.conditions.length === 0);
  const safeCodes = mayJudge ? SAFE_CODES : NO_CODES;
  const text = useStore(list.source.store, (state) => codeSummary(state.counts, safeCodes));
  const safe = useStore(list.source.store, (state) => (mayJudge ? state.counts.safe : 0));
  const hint = safe > 0 ? `a marks ${safe} safe · ` : '';
  return (
    <Line
      width={width}
      pieces={[
        { text: ` ${hint}`, color: theme.good, bold: true },
        { text, color: theme.text },
      ]}
    />
  );
}

/**
 * What just happened; when nothing did, what is wrong with the connection or with what the view reads; and where there
 * is no room for the panel, its first sentence.
 */
function Trouble({ list, width, withWhy }: { list: ListModel; width: number; withWhy: boolean }): ReactElement {
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
    return detailsOf(row, status, now, view === 'cancelled').sentences[0] ?? '';
  });
  return <NoticeLine width={width} otherwise={visibleText(problem) || why} />;
}

function Nothing({ list, width, height }: { list: ListModel; width: number; height: number }): ReactElement {
  const state = useStore(list.state);
  const { health, readAt, side, history } = useStore(list.source.store);
  return (
    <EmptyList words={emptyText(state, health, readAt, side[state.view], history)} width={width} height={height} />
  );
}
