import { type ReactElement, useSyncExternalStore } from 'react';
import { useStore } from 'zustand';
import { padded } from '../../text/width.js';
import { Frame } from '../chrome/frame.js';
import { Line } from '../kit/line.js';
import type { ScreenProps } from '../shell/screen.js';
import { useTheme } from '../shell/use-console.js';
import type { CauseRow } from './cause-rows.js';
import type { CausesModel } from './causes-model.js';

/** Below so many columns the number of playbooks goes; the longest word of each other column always fits in 60. */
const WIDE = 66;
const COLUMNS: readonly { readonly key: keyof CauseRow; readonly align?: 'right' }[] = [
  { key: 'why' },
  { key: 'safe' },
  { key: 'executions', align: 'right' },
  { key: 'playbooks', align: 'right' },
  { key: 'longest', align: 'right' },
];
const GAP = '   ';

/** Why things are stuck, one line a cause. */
export function CausesScreen({ screen, size }: ScreenProps<CausesModel>): ReactElement {
  const theme = useTheme();
  const { feed } = screen.context;
  useStore(screen.state);
  useSyncExternalStore(
    (listener) => feed.subscribe(listener),
    () => feed.snapshot().revision,
  );
  const { columns: width } = size;
  const data = screen.rows();
  const cursor = screen.cursorIn(data);
  const columns = COLUMNS.filter(({ key }) => key !== 'playbooks' || width >= WIDE).map(({ key, align }) => {
    const cells = Math.max(key.length, ...data.map((row) => String(row[key]).length));
    return { key, text: (value: string | number) => padded(String(value), cells, { align: align ?? 'left' }) };
  });
  const colors = { yes: theme.safe, no: theme.warn, '': theme.text };
  return (
    <Frame size={size} title="Stale executions by cause" note="Enter lists those of one cause" scope="causes">
      {data.length === 0 ? (
        <Line width={width} pieces={[{ text: ' nothing is stale' }]} />
      ) : (
        <Line
          width={width}
          pieces={columns.map(({ key, text }) => ({ text: `${GAP}${text(key)}`, bold: true, color: theme.accent }))}
        />
      )}
      {data.map((row, at) => (
        <Line
          key={row.why}
          width={width}
          pieces={columns.map(({ key, text }) => ({
            text: `${key === 'why' ? (at === cursor ? ' ▸ ' : GAP) : GAP}${text(row[key])}`,
            color: key === 'safe' ? colors[row.safe] : theme.text,
          }))}
        />
      ))}
    </Frame>
  );
}
