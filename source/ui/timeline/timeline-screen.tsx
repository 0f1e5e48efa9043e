import { Box, Text } from 'ink';
import { memo, type ReactElement, useMemo } from 'react';
import { useStore } from 'zustand';
import { containsText } from '../../domain/event-types.js';
import type { EventDetail } from '../../store/event-store.js';
import { visibleText } from '../../text/visible-text.js';
import { Frame, useBodyHeight } from '../chrome/frame.js';
import { Line } from '../kit/line.js';
import { TextField } from '../kit/text-field.js';
import { EmptyList, type EmptyText } from '../rows/empty-list.js';
import type { KeyOf } from '../shell/console-context.js';
import type { ScreenProps } from '../shell/screen.js';
import { useClockText, useConsole, useTheme } from '../shell/use-console.js';
import { eventLine, eventTone, headingLine, type TimelineColumns, timelineColumns } from './format-timeline.js';
import type { TimelineModel } from './timeline-model.js';
import { detailMost, detailRows, type TimelineState } from './timeline-state.js';

const DAY_MS = 86_400_000;

/** What the list is doing now: a paused or interrupted one is never called live, nor one whose execution has ended. */
function modeOf({ problem, paused, hasNewer, follow, ended }: TimelineState, keyOf: KeyOf): string {
  if (problem !== null) return `not read: ${problem}`;
  if (paused) return `paused (${keyOf('pause')} resumes)`;
  if (hasNewer) return `newer events below (${keyOf('last')})`;
  const state = ended === null ? 'live' : `ended as ${ended}`;
  return follow ? `${state}, following` : `${state}, not following (${keyOf('follow')} follows)`;
}

function noteOf({ path }: TimelineModel, state: TimelineState, keyOf: KeyOf): string {
  const { events, hasOlder, hasNewer, failuresOnly, search, payloads } = state;
  const sides = hasOlder && hasNewer ? ', more above and below' : hasOlder ? ', older above' : '';
  // The playbook last: where the screen is narrow, the modes must not be what is cut.
  return [
    failuresOnly ? 'ERRORS ONLY' : '',
    payloads === 'shown' ? 'PAYLOADS SHOWN' : '',
    modeOf(state, keyOf),
    `${events.length} ${events.length === 1 ? 'event' : 'events'}${sides}`,
    search === '' ? '' : `/${visibleText(search)} (${keyOf('next-match')}, ${keyOf('previous-match')})`,
    path ? visibleText(path) : '',
  ]
    .filter((part) => part !== '')
    .join(' · ');
}

function emptyText({ problem, loading, failuresOnly }: TimelineState, keyOf: KeyOf): EmptyText {
  if (problem !== null) {
    return { title: 'The events could not be read', hints: [problem, `${keyOf('refresh')} retries.`], tone: 'bad' };
  }
  if (loading) return { title: 'Reading the events…', hints: [], tone: 'faint' };
  return failuresOnly
    ? { title: 'No event reports a failure', hints: [`${keyOf('errors-only')} shows all events.`], tone: 'good' }
    : { title: 'This execution has no events', hints: [`${keyOf('back')} goes back.`], tone: 'warn' };
}

/** The events of one execution, newest at the bottom. */
export function TimelineScreen({ screen: model, size }: ScreenProps<TimelineModel>): ReactElement {
  const state = useStore(model.state);
  const { context, theme } = useConsole();
  const zone = useStore(context.times, (times) => times.zone);
  const body = useBodyHeight(size, true);
  const { columns: width } = size;
  const { events, offset, height, search, prompt } = state;
  const today = useClockText(({ now }) => now - (now % (DAY_MS / 24)));
  const [first, last] = [events[0]?.at ?? today, events.at(-1)?.at ?? today];
  const columns = useMemo(
    () => timelineColumns(width, { first, last, now: today, zone }),
    [width, first, last, today, zone],
  );
  return (
    <Frame
      size={size}
      title={`Events of ${model.executionId}`}
      note={noteOf(model, state, context.keyOf)}
      scope="timeline"
    >
      {events.length === 0 ? (
        <EmptyList width={width} height={body} words={emptyText(state, context.keyOf)} />
      ) : (
        <>
          <Line width={width} pieces={[{ text: headingLine(columns, last), color: theme.faint, bold: true }]} />
          <Box flexDirection="column" height={height} flexShrink={0}>
            {events.slice(offset, offset + height).map((event, at) => (
              <EventRow
                key={event.eventId}
                event={event}
                columns={columns}
                width={width}
                isCursor={offset + at === state.cursor}
                isMatch={search !== '' && containsText(event, search)}
              />
            ))}
          </Box>
          {state.expanded && <EventDetails state={state} width={width} />}
        </>
      )}
      {prompt && (
        <Box height={1} flexShrink={0}>
          <Text bold color={theme.accent}>
            /
          </Text>
          <TextField
            input={prompt}
            width={width - 1}
            isFocused
            placeholder="Enter searches all events · Esc discards"
          />
        </Box>
      )}
    </Frame>
  );
}

interface EventRowProps {
  readonly event: EventDetail;
  readonly columns: TimelineColumns;
  readonly width: number;
  readonly isCursor: boolean;
  readonly isMatch: boolean;
}

const EventRow = memo(function EventRow({ event, columns, width, isCursor, isMatch }: EventRowProps): ReactElement {
  const theme = useTheme();
  const { time, type, rest } = eventLine(event, columns);
  const inverse = isCursor && theme.plain;
  const tone = theme[eventTone(event)];
  const words = isCursor ? theme.cursorText : event.error === null ? theme.text : theme.bad;
  return (
    <Line
      width={width}
      background={isCursor ? theme.cursorBackground : undefined}
      pieces={[
        {
          text: `${isCursor ? '▸' : ' '}${isMatch ? '•' : ' '}`,
          color: isCursor ? theme.cursorText : theme.mark,
          bold: true,
          inverse,
        },
        { text: time, color: isCursor ? theme.cursorText : theme.faint, inverse },
        { text: type, color: tone, bold: isCursor, inverse },
        { text: rest, color: words, inverse },
      ]}
    />
  );
});

function EventDetails({ state, width }: { state: TimelineState; width: number }): ReactElement {
  const theme = useTheme();
  const room = detailRows(state);
  const most = detailMost(state);
  const { context } = useConsole();
  const from = Math.min(state.detailFrom, most);
  const where =
    most > 0
      ? `── lines ${from + 1} to ${from + room} of ${state.detail.length}, ${context.keyOf('page-up')} ${context.keyOf('page-down')} `
      : '';
  const isError = (at: number) => at === 0 && state.detail[0]?.startsWith('error ');
  return (
    <Box flexDirection="column" height={room + 1} flexShrink={0} overflowY="hidden">
      <Line width={width} pieces={[{ text: where.padEnd(width, '─'), color: theme.faint }]} />
      {state.detail.slice(from, from + room).map((line, at) => (
        <Line
          // biome-ignore lint/suspicious/noArrayIndexKey: lines of a payload have no identity but their number
          key={from + at}
          width={width}
          pieces={[{ text: ` ${line}`, color: isError(from + at) ? theme.bad : theme.text }]}
        />
      ))}
    </Box>
  );
}
