import type { ReactElement } from 'react';
import { useStore } from 'zustand';
import { displayWidth } from '../../text/width.js';
import { Line, type Piece } from '../kit/line.js';
import { useConsole } from '../shell/use-console.js';
import { tabLine } from './format-tabs.js';
import type { ListModel } from './list-model.js';

/** Second line: the views with their keys and counts, and how many run and are stale. */
export function Tabs({ list, width }: { list: ListModel; width: number }): ReactElement {
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
