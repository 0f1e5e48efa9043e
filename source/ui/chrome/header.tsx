import { type ReactElement, useLayoutEffect } from 'react';
import { useStore } from 'zustand';
import { displayWidth } from '../../text/width.js';
import { Line, type Piece } from '../kit/line.js';
import { useClockText, useConsole } from '../shell/use-console.js';
import { connectionWords, type HealthWords, healthWords, placeWords } from './connection-words.js';
import { tabLine } from './tab-words.js';

/** First line: where one is connected, in which mode, and how fresh the data is. */
export function Header({ width }: { width: number }): ReactElement {
  const { model, theme } = useConsole();
  const { options } = model;
  const { source } = model.list;
  // The kind is listened for, so that a lost connection shows at once; the age is looked at once a second, so that a
  // read which brings nothing draws nothing.
  useStore(source.store, (state) => state.health.kind);
  const health = useClockText(({ local }) => {
    const { health: now, readAt } = source.store.getState();
    const { tone, text } = healthWords(now, readAt, local);
    return `${tone} ${text}`;
  });
  const tone = health.slice(0, health.indexOf(' ')) as HealthWords['tone'];
  const healthText = health.slice(tone.length + 1);
  const badge = (text: string): Piece[] => [
    {
      text: ` ${text} `,
      bold: true,
      color: theme.badgeText,
      background: theme.badgeBackground,
      inverse: theme.plain,
    },
    { text: ' ' },
  ];
  const badges = [...(options.demo ? badge('DEMO') : []), ...(options.readOnly ? badge('READ-ONLY') : [])];
  const where = connectionWords(options.services.store.connection, options.profile);
  const taken = badges.reduce((sum, piece) => sum + displayWidth(piece.text), displayWidth(healthText) + 1);
  const shown = placeWords(where, options.readOnly ? null : options.writes, Math.max(0, width - taken));
  const gap = ' '.repeat(Math.max(1, width - taken - displayWidth(shown) + 1));
  return (
    <Line
      width={width}
      pieces={[
        ...badges,
        { text: shown, bold: true, color: theme.text },
        { text: gap },
        { text: healthText, color: theme[tone], bold: tone === 'bad' },
      ]}
    />
  );
}

/** Second line: the views with their keys and counts, and how many run and are stale. */
export function Tabs({ width }: { width: number }): ReactElement {
  const { model, theme } = useConsole();
  const view = useStore(model.list.state, (state) => state.view);
  const running = useStore(model.list.source.store, (state) => state.counts.running);
  const stale = useStore(model.list.source.store, (state) => state.counts.stale);
  const runaway = useStore(model.list.source.store, (state) => state.counts.runaway);
  const { tabs, tally } = tabLine(view, running, stale, width, runaway);
  useLayoutEffect(() => {
    model.tabs = tabs;
  });
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
