import { Box } from 'ink';
import type { ReactElement } from 'react';
import { useStore } from 'zustand';
import { Frame, useBodyHeight } from '../chrome/frame.js';
import { Line } from '../kit/line.js';
import { keepInView } from '../kit/scroll.js';
import type { ActionId } from '../shell/keymap-types.js';
import type { ScreenProps } from '../shell/screen.js';
import { useTheme } from '../shell/use-console.js';
import type { CancelModel } from './cancel-model.js';
import { dialogLayout } from './dialog-layout.js';
import { DraftFields } from './draft-fields.js';
import { type DraftState, hasDescendants } from './draft-state.js';
import { headline } from './notes.js';
import { Details, ListLine } from './target-lines.js';

const NOTE = 'Nothing is written until you press Enter on the button. Esc goes back.';
/** Below so many columns the footer alone says how to go back. */
const NARROW = 80;
const NO_CASCADE: ReadonlySet<ActionId> = new Set<ActionId>(['cascade']);
const NONE_IDLE: ReadonlySet<ActionId> = new Set<ActionId>();

/** What will happen, and the fields. The fields keep their place at the bottom, whatever is listed above them. */
export function CancelScreen({ screen, size }: ScreenProps<CancelModel>): ReactElement {
  const theme = useTheme();
  const state = useStore(screen.state);
  const { columns: width } = size;
  const { listHeight, detailHeight } = dialogLayout(useBodyHeight(size, true));
  const { lines } = state.survey;
  const hasFocus = state.focus === 'list';
  // Until the list is in focus its window is where it was put: the first note is not scrolled away unseen.
  const offset = hasFocus
    ? keepInView(state.offset, state.cursor, listHeight, lines.length)
    : Math.min(state.offset, Math.max(0, lines.length - listHeight));
  const head = headline(state);
  return (
    <Frame
      size={size}
      title="Cancel"
      note={width < NARROW ? 'Nothing is written until Enter on the button.' : NOTE}
      scope="cancel"
      idle={hasDescendants(state) ? NONE_IDLE : NO_CASCADE}
    >
      <Line width={width} pieces={[{ text: head.text, bold: true, color: theme[head.tone] }]} />
      <Box flexDirection="column" height={listHeight} flexShrink={0} overflowY="hidden">
        {lines.slice(offset, offset + listHeight).map((line, at) => (
          <ListLine
            key={line.kind === 'row' ? `${line.role} ${line.executionId}` : line.text}
            line={line}
            state={state}
            width={width}
            isCursor={hasFocus && offset + at === state.cursor}
          />
        ))}
      </Box>
      <Line width={width} pieces={[{ text: rule(state, offset, listHeight).padEnd(width, '─'), color: theme.faint }]} />
      <Details state={state} width={width} height={detailHeight} />
      <DraftFields state={state} width={width} />
    </Frame>
  );
}

/** How much of the list is out of sight, and its keys while it is in focus. */
function rule({ survey, focus }: DraftState, offset: number, height: number): string {
  const above = offset;
  const below = Math.max(0, survey.lines.length - offset - height);
  const more = above + below === 0 ? '' : `${above > 0 ? `↑ ${above} ` : ''}${below > 0 ? `↓ ${below} ` : ''}`;
  const keys = focus === 'list' ? 'Space in or out · a all ' : more === '' ? '' : 'PgUp PgDn scroll ';
  return `── ${more}${more && keys ? '· ' : ''}${keys}`;
}
