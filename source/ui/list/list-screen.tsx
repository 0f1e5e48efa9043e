import { Box } from 'ink';
import { type ReactElement, useLayoutEffect, useMemo } from 'react';
import { useStore } from 'zustand';
import { displayStatus } from '../../domain/execution.js';
import { SAFE_CODES, type StaleCode } from '../../domain/staleness/staleness-types.js';
import { visibleText } from '../../text/visible-text.js';
import { displayWidth, truncate } from '../../text/width.js';
import { jobLine } from '../batches/job-words.js';
import { ConditionLine } from '../chrome/condition-line.js';
import { Footer, JobLine, NoticeLine } from '../chrome/footer.js';
import { Header, Tabs } from '../chrome/header.js';
import { Line } from '../kit/line.js';
import { EmptyList } from '../rows/empty-list.js';
import { codeSummary } from '../rows/stale-words.js';
import { keyName } from '../shell/keymap-resolve.js';
import { useClockText, useConsole } from '../shell/use-console.js';
import type { TerminalSize } from '../terminal/terminal-context.js';
import { columnsFor, headLine } from './columns.js';
import { DetailPanel, PANEL_LINES } from './detail-panel.js';
import { detailsOf } from './detail-words.js';
import { ExecutionRows } from './execution-rows.js';
import { FilterPrompt } from './filter-prompt.js';
import { emptyWords } from './list-empty.js';
import { underCursor } from './list-state.js';
import { listStateParts, positionWords } from './list-words.js';

/** Header, tabs, state line, column heads, notice, footer. */
const FIXED_LINES = 6;
/** The panel and the summary come only where enough rows are left. */
const ROWS_FOR_PANEL = 22;
const ROWS_FOR_SUMMARY = 18;
const NO_CODES: ReadonlySet<StaleCode> = new Set();

/** The list of executions in one of its views. */
export function ListScreen({ size }: { size: TerminalSize }): ReactElement {
  const { model, theme } = useConsole();
  const { list } = model;
  const { columns: width, rows } = size;
  const view = useStore(list.state, (state) => state.view);
  const isEmpty = useStore(list.state, (state) => state.order.ids.length === 0);
  const isPrompting = useStore(list.state, (state) => state.prompt !== null);
  const hasJobs = useStore(model.context.jobs.store, (state) => jobLine(state.jobs) !== '');
  const hasCondition = useStore(model.context.engine.store, (state) => state.conditions.length > 0);
  const columns = useMemo(() => columnsFor(view, width), [view, width]);
  const hasPanel = rows >= ROWS_FOR_PANEL;
  const hasSummary = view === 'stale' && rows >= ROWS_FOR_SUMMARY;
  const height = Math.max(
    1,
    rows -
      FIXED_LINES -
      (hasPanel ? PANEL_LINES : 0) -
      (hasSummary ? 1 : 0) -
      (hasJobs ? 1 : 0) -
      (hasCondition ? 1 : 0),
  );
  useLayoutEffect(() => {
    list.dispatch({ type: 'height', rows: height });
    model.bodyTop = 4 + (hasSummary ? 1 : 0) + (hasCondition ? 1 : 0);
  }, [list, model, height, hasSummary, hasCondition]);
  return (
    <Box flexDirection="column" width={width} height={rows} overflowY="hidden">
      <Header width={width} />
      <Tabs width={width} />
      <ConditionLine width={width} />
      <StateLine width={width} />
      {hasSummary && <Summary width={width} />}
      <Line width={width} pieces={[{ text: headLine(columns), color: theme.faint, bold: true }]} />
      {isEmpty ? (
        <Nothing width={width} height={height} />
      ) : (
        <ExecutionRows columns={columns} width={width} height={height} />
      )}
      <Box flexGrow={1} />
      {hasPanel && <DetailPanel width={width} />}
      {hasJobs && <JobLine width={width} />}
      {isPrompting ? (
        <FilterPrompt width={width} />
      ) : (
        <>
          <Trouble width={width} withWhy={!hasPanel} />
          <Footer place="list" width={width} />
        </>
      )}
    </Box>
  );
}

function StateLine({ width }: { width: number }): ReactElement {
  const { model, theme } = useConsole();
  const refresh = keyName(model.keymap.bindings.find((binding) => binding.id === 'refresh')?.keys[0] ?? 'r');
  const known = useStore(model.context.engine.store, (state) => state.livenessKnown);
  const blind = known === false ? ' · worker liveness unknown' : '';
  const text = useStore(model.list.state, (state) => listStateParts(state, refresh).join(' · ')) + blind;
  const position = useStore(model.list.state, positionWords);
  const hasMarks = useStore(model.list.state, (state) => state.marks.size > 0 || state.rangeFrom !== null);
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

function Summary({ width }: { width: number }): ReactElement {
  const { model, theme } = useConsole();
  const mayJudge = useStore(model.context.engine.store, (state) => state.conditions.length === 0);
  const safeCodes = mayJudge ? SAFE_CODES : NO_CODES;
  const text = useStore(model.list.source.store, (state) => codeSummary(state.counts, safeCodes));
  const safe = useStore(model.list.source.store, (state) => (mayJudge ? state.counts.safe : 0));
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
function Trouble({ width, withWhy }: { width: number; withWhy: boolean }): ReactElement {
  const { model } = useConsole();
  const view = useStore(model.list.state, (state) => state.view);
  const id = useStore(model.list.state, underCursor);
  const staleAfterMs = useStore(model.list.state, (state) => state.staleAfterMs);
  const row = useStore(model.list.source.store, (state) => (id === null ? undefined : state.rows.get(id)));
  const problem = useStore(model.list.source.store, ({ health, side }) =>
    health.kind === 'reconnecting' ? health.problem : (side[view]?.problem ?? ''),
  );
  const why = useClockText(({ now }) => {
    if (!withWhy || !row) return '';
    const status = displayStatus(row.execution, now, staleAfterMs);
    return detailsOf(row, status, now, view === 'cancelled').sentences[0] ?? '';
  });
  return <NoticeLine width={width} otherwise={visibleText(problem) || why} />;
}

function Nothing({ width, height }: { width: number; height: number }): ReactElement {
  const { model } = useConsole();
  const state = useStore(model.list.state);
  const { health, readAt, side } = useStore(model.list.source.store);
  return <EmptyList words={emptyWords(state, health, readAt, side[state.view])} width={width} height={height} />;
}
