import { type ReactElement, useSyncExternalStore } from 'react';
import { useStore } from 'zustand';
import { padded } from '../../text/width.js';
import { Frame, useBodyHeight } from '../chrome/frame.js';
import { type LineSpec, Lines } from '../kit/line.js';
import { EmptyList } from '../rows/empty-list.js';
import type { ScreenProps } from '../shell/screen.js';
import { useConsole } from '../shell/use-console.js';
import type { CauseRow, CausesModel } from './causes-model.js';

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
/** As wide as the cursor, as in every list. */
const GUTTER = '  ';

/** Why things are stuck, one line a cause. */
export function CausesScreen({ screen, size }: ScreenProps<CausesModel>): ReactElement {
  const { context, theme } = useConsole();
  const { feed } = context;
  useStore(screen.state);
  useSyncExternalStore(
    (listener) => feed.subscribe(listener),
    () => feed.snapshot().revision,
  );
  const { columns: width } = size;
  const height = useBodyHeight(size, true);
  const data = screen.rows();
  const cursor = screen.cursorIn(data);
  const offset = screen.offsetIn(data);
  const columns = COLUMNS.filter(({ key }) => key !== 'playbooks' || width >= WIDE).map(({ key, align }, at) => {
    const cells = Math.max(key.length, ...data.map((row) => String(row[key]).length));
    const gap = at === 0 ? '' : GAP;
    return { key, text: (value: string | number) => gap + padded(String(value), cells, { align: align ?? 'left' }) };
  });
  const colors = { yes: theme.safe, no: theme.warn, '': theme.text };
  const heads = columns.map(({ key, text }) => ({ text: text(key.toUpperCase()), bold: true, color: theme.faint }));
  const lines = data.map((row, at): LineSpec => {
    const isCursor = at === cursor;
    const inverse = isCursor && theme.plain;
    const plain = isCursor ? theme.cursorText : theme.text;
    const cells = columns.map(({ key, text }) => ({
      text: text(row[key]),
      color: key === 'safe' ? colors[row.safe] : plain,
      bold: isCursor,
      inverse,
    }));
    return {
      pieces: [{ text: isCursor ? '▸ ' : GUTTER, color: plain, bold: true, inverse }, ...cells],
      background: isCursor ? theme.cursorBackground : undefined,
    };
  });
  return (
    <Frame
      size={size}
      title="Stale executions by cause"
      note={`${context.keyOf('open')} lists those of one cause`}
      scope="causes"
    >
      {data.length === 0 ? (
        <EmptyList width={width} height={height} words={{ title: 'Nothing is stale', hints: [], tone: 'good' }} />
      ) : (
        <Lines
          lines={[{ pieces: [{ text: GUTTER }, ...heads] }, ...lines.slice(offset)]}
          width={width}
          height={height}
        />
      )}
    </Frame>
  );
}
