import { Box } from 'ink';
import type { ReactElement } from 'react';
import { useStore } from 'zustand';
import { Frame, useBodyHeight } from '../chrome/frame.js';
import { Line } from '../kit/line.js';
import { keepInView } from '../kit/scroll.js';
import type { ScreenProps } from '../shell/screen.js';
import { useTheme } from '../shell/use-console.js';
import type { CancelModel } from './cancel-model.js';
import { DraftFields, FIELD_LINES } from './draft-fields.js';
import { unsafeTargets } from './draft-state.js';
import { headline, targetRows, unsafeRow, warnings } from './format-plan.js';
import { TargetLine } from './target-lines.js';

/** What will happen, and the fields. The fields keep their place at the bottom, whatever is listed above them. */
export function CancelScreen({ screen, size }: ScreenProps<CancelModel>): ReactElement {
  const theme = useTheme();
  const state = useStore(screen.state);
  const { columns: width } = size;
  const height = useBodyHeight(size, true);
  const head = headline(state);
  const unsafe = unsafeTargets(state);
  const warned = warnings(state);
  // The headline, the warnings, a rule and the fields; what is left is for the lists.
  const notes = warned.slice(0, Math.max(1, height - FIELD_LINES - 2 - Math.min(2, state.targets.length)));
  const room = Math.max(0, height - FIELD_LINES - 2 - notes.length);
  const unsafeRoom = unsafe.length === 0 ? 0 : Math.min(unsafe.length, Math.max(1, Math.ceil(room / 2)));
  const { rows, more } = targetRows(state, Math.max(0, room - unsafeRoom));
  const cut = more > 0 && rows.length > 0 ? rows.slice(0, -1) : rows;
  const unsafeFrom = keepInView(0, state.unsafeCursor, unsafeRoom, unsafe.length);
  return (
    <Frame
      size={size}
      title="Cancel"
      note="Nothing is written until you press Enter on the button. Esc goes back."
      scope="cancel"
    >
      <Line width={width} pieces={[{ text: head.text, bold: true, color: theme[head.tone] }]} />
      {notes.map((note) => (
        <Line key={note.text} width={width} pieces={[{ text: `  ${note.text}`, color: theme[note.tone] }]} />
      ))}
      <Box flexDirection="column" height={room} flexShrink={0} overflowY="hidden">
        {unsafe.slice(unsafeFrom, unsafeFrom + unsafeRoom).map((target, at) => (
          <TargetLine
            key={target.executionId}
            row={unsafeRow(target, state)}
            width={width}
            isCursor={state.focus === 'unsafe' && unsafeFrom + at === state.unsafeCursor}
          />
        ))}
        {cut.map((row) => (
          <TargetLine key={row.id} row={row} width={width} isCursor={false} />
        ))}
        {more > 0 && (
          <Line
            width={width}
            pieces={[{ text: `  … and ${more + rows.length - cut.length} more`, color: theme.faint }]}
          />
        )}
      </Box>
      <Line
        width={width}
        pieces={[
          {
            text:
              state.focus === 'unsafe'
                ? '── Space includes or excludes one, a all of them '.padEnd(width, '─')
                : '─'.repeat(width),
            color: theme.faint,
          },
        ]}
      />
      <DraftFields state={state} width={width} />
    </Frame>
  );
}
