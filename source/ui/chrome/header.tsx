import { type ReactElement, useCallback, useSyncExternalStore } from 'react';
import { displayWidth } from '../../text/width.js';
import { Line, type Piece } from '../kit/line.js';
import { useClockText, useConsole } from '../shell/use-console.js';
import { fitConnection, formatConnection, formatHealth, type HealthText } from './format-connection.js';

/** First line: where one is connected, in which mode, and how fresh the data is. */
export function Header({ width }: { width: number }): ReactElement {
  const { context, options, theme } = useConsole();
  const { feed } = context;
  // The kind and the progress are listened for, so that a lost connection shows at once; the age is looked at once a second, so that a
  // read which brings nothing draws nothing.
  useSyncExternalStore(
    useCallback((listener) => feed.subscribe(listener), [feed]),
    () => `${feed.snapshot().health.kind} ${feed.snapshot().history?.done}`,
  );
  const health = useClockText(({ local }) => {
    const { health: now, readAt, history } = feed.snapshot();
    const { tone, text } = formatHealth(now, readAt, local, history);
    return `${tone} ${text}`;
  });
  const tone = health.slice(0, health.indexOf(' ')) as HealthText['tone'];
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
  const where = formatConnection(options.services.store.connection, options.profile);
  const taken = badges.reduce((sum, piece) => sum + displayWidth(piece.text), displayWidth(healthText) + 1);
  const shown = fitConnection(where, options.readOnly ? null : options.writes, Math.max(0, width - taken));
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
