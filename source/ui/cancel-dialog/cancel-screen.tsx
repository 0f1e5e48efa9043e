import { Box } from 'ink';
import { memo, type ReactElement } from 'react';
import { useStore } from 'zustand';
import { padded, wrap } from '../../text/width.js';
import { Frame, useBodyHeight } from '../chrome/frame.js';
import { Line } from '../kit/line.js';
import { keepInView } from '../kit/scroll.js';
import type { ActionId } from '../shell/keymap-types.js';
import type { ScreenProps } from '../shell/screen.js';
import { useConsole, useKeyOf, useTheme } from '../shell/use-console.js';
import { type CancelModel, dialogLayout } from './cancel-model.js';
import { DraftFields } from './draft-fields.js';
import { type DialogLine, type DraftState, hasDescendants } from './draft-state.js';
import { columnWidths, detailText, targetCells } from './format-target.js';
import { headline } from './notes.js';

/** Below so many columns the footer alone says how to go back. */
const NARROW = 80;
const NO_CASCADE: ReadonlySet<ActionId> = new Set<ActionId>(['cascade']);
const NONE_IDLE: ReadonlySet<ActionId> = new Set<ActionId>();

/** What will happen, and the fields. The fields keep their place at the bottom, whatever is listed above them. */
export function CancelScreen({ screen, size }: ScreenProps<CancelModel>): ReactElement {
  const theme = useTheme();
  const keyOf = useKeyOf('cancel');
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
  const [accept, back] = [keyOf('accept'), keyOf('back')];
  const note =
    width < NARROW
      ? `Nothing is written until ${accept} on the button.`
      : `Nothing is written until you press ${accept} on the button. ${back} goes back.`;
  return (
    <Frame size={size} title="Cancel" note={note} scope="cancel" idle={hasDescendants(state) ? NONE_IDLE : NO_CASCADE}>
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
  const said = `${more}${more && keys ? '· ' : ''}${keys}`;
  return said === '' ? '' : `── ${said}`;
}

/** One line of the dialog's list. */
function ListLine({
  line,
  state,
  width,
  isCursor,
}: {
  line: DialogLine;
  state: DraftState;
  width: number;
  isCursor: boolean;
}): ReactElement {
  const { context, theme } = useConsole();
  const zone = useStore(context.times, (times) => times.zone);
  const background = isCursor ? theme.cursorBackground : undefined;
  const color = isCursor ? theme.cursorText : theme.text;
  const pointer = { text: isCursor ? '▸ ' : '  ', bold: true, color };
  if (line.kind !== 'row') {
    const tone = line.kind === 'section' ? theme.accent : theme[line.tone];
    const piece = { text: line.text, color: isCursor ? color : tone, bold: line.kind === 'section' };
    return <Line width={width} background={background} pieces={[pointer, piece]} />;
  }
  const widths = columnWidths(width);
  const cells = targetCells(line, state, widths, zone);
  const faint = cells.taken === true || isCursor ? color : theme.faint;
  const tone = cells.taken === false ? 'faint' : cells.evidenceTone;
  return (
    <Line
      width={width}
      background={background}
      pieces={[
        pointer,
        { text: cells.box, bold: true, color: cells.taken === true ? theme.mark : faint },
        { text: `${cells.status} `, color: theme[cells.statusColor] },
        { text: `${cells.id} `, bold: isCursor, color: faint },
        { text: `${cells.silent} `, color: faint },
        ...(widths.path > 0 ? [{ text: `${cells.path} `, color: faint }] : []),
        ...(widths.worker > 0 ? [{ text: `${cells.worker} `, color: faint }] : []),
        { text: cells.evidence, color: isCursor ? color : theme[tone] },
      ]}
    />
  );
}

/** The line under the cursor in full. */
const Details = memo(function Details({
  state,
  width,
  height,
}: {
  state: DraftState;
  width: number;
  height: number;
}): ReactElement {
  const { context, theme } = useConsole();
  const zone = useStore(context.times, (times) => times.zone);
  const { first, rest } = detailText(state.survey.lines[state.cursor], state, zone);
  const room = width - 2;
  const lines = rest === '' ? wrap(first, room, height) : [first, ...wrap(rest, room, height - 1)];
  return (
    <>
      {Array.from({ length: height }, (_, index) => (
        <Line
          // biome-ignore lint/suspicious/noArrayIndexKey: the lines of a text have nothing but their place
          key={index}
          width={width}
          pieces={[{ text: padded(`  ${lines[index] ?? ''}`, width), color: index === 0 ? theme.text : theme.faint }]}
        />
      ))}
    </>
  );
});
