import { Box, Text } from 'ink';
import { memo, type ReactElement } from 'react';
import { useStore } from 'zustand';
import type { EventDetail } from '../../store/event-store.js';
import { visibleText } from '../../text/visible-text.js';
import { Frame, useBodyHeight } from '../chrome/frame.js';
import { EmptyList } from '../rows/empty-list.js';
import type { ScreenProps } from '../shell/screen.js';
import { useClockText, useTheme } from '../shell/use-console.js';
import { eventDetailLines, eventLine, eventTone } from './format-timeline.js';
import type { TimelineModel } from './timeline-model.js';
import { detailRoom, listRows, type TimelineState } from './timeline-state.js';

const titleOf = (model: TimelineModel, state: TimelineState): string => {
  const mode = state.follow ? 'following' : 'not following (f follows)';
  const more = state.hasOlder ? ', older events above' : '';
  const masked = state.payloads === 'shown' ? ' · PAYLOADS SHOWN' : '';
  const trouble = state.problem ? ` · read failed: ${state.problem}` : '';
  const path = model.path ? ` · ${visibleText(model.path)}` : '';
  // The playbook last: where the screen is narrow, the modes must not be what is cut.
  return `${state.events.length} events${more} · ${mode}${masked}${trouble}${path}`;
};

/** The events of one execution, newest at the bottom. */
export function TimelineScreen({ screen: model, size }: ScreenProps<TimelineModel>): ReactElement {
  const state = useStore(model.state);
  const body = useBodyHeight(size, true);
  const { columns: width } = size;
  const opened = state.expanded === null ? undefined : state.events[state.cursor];
  const height = listRows(body, opened !== undefined);
  return (
    <Frame size={size} title={`Events of ${model.executionId}`} note={titleOf(model, state)} scope="timeline">
      {state.events.length === 0 ? (
        <EmptyList
          width={width}
          height={body}
          words={
            state.problem
              ? { title: 'The events could not be read', hints: [state.problem, 'r retries.'], tone: 'bad' }
              : state.loading
                ? { title: 'Reading the events…', hints: [], tone: 'faint' }
                : { title: 'This execution has no events', hints: ['Esc goes back.'], tone: 'warn' }
          }
        />
      ) : (
        state.events
          .slice(state.offset, state.offset + height)
          .map((event, at) => (
            <EventRow key={event.eventId} event={event} width={width} isCursor={state.offset + at === state.cursor} />
          ))
      )}
      {opened && <EventDetails event={opened} state={state} width={width} height={body - height} />}
    </Frame>
  );
}

const EventRow = memo(function EventRow({
  event,
  width,
  isCursor,
}: {
  event: EventDetail;
  width: number;
  isCursor: boolean;
}): ReactElement {
  const theme = useTheme();
  const today = useClockText(({ now }) => now - (now % 86_400_000));
  const { time, type, rest } = eventLine(event, today, width);
  const color = (value: string | undefined) => (value ? { color: value } : {});
  const inverse = isCursor && theme.plain;
  return (
    <Box
      height={1}
      flexShrink={0}
      {...(isCursor && theme.cursorBackground ? { backgroundColor: theme.cursorBackground } : {})}
    >
      <Text wrap="truncate" inverse={inverse} {...color(isCursor ? theme.cursorText : theme.faint)}>
        {`${isCursor ? '▸' : ' '} ${time}`}
      </Text>
      <Text wrap="truncate" bold={isCursor} inverse={inverse} {...color(theme[eventTone(event)])}>
        {`${type} `}
      </Text>
      <Text wrap="truncate" inverse={inverse} {...color(isCursor ? theme.cursorText : theme.text)}>
        {rest}
      </Text>
    </Box>
  );
});

function EventDetails({
  event,
  state,
  width,
  height,
}: {
  event: EventDetail;
  state: TimelineState;
  width: number;
  height: number;
}): ReactElement {
  const theme = useTheme();
  const lines = eventDetailLines(event, state.payloads, width - 2);
  const room = detailRoom(height);
  const most = Math.max(0, lines.length - room);
  const from = Math.min(state.detailFrom, most);
  const where = most > 0 ? `── lines ${from + 1} to ${from + room} of ${lines.length}, PgUp PgDn ` : '';
  return (
    <Box flexDirection="column" height={height} flexShrink={0} overflowY="hidden">
      <Text wrap="truncate" {...(theme.faint ? { color: theme.faint } : {})}>
        {where.padEnd(width, '─')}
      </Text>
      {lines.slice(from, from + room).map((line, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines of a payload have no identity but their number
        <Text key={from + at} wrap="truncate">
          {` ${line}`}
        </Text>
      ))}
    </Box>
  );
}
