import { Box, Text } from 'ink';
import { memo, type ReactElement, useLayoutEffect } from 'react';
import { useStore } from 'zustand';
import { visibleText } from '../../domain/visible-text.js';
import { Frame, useBodyHeight } from '../components/frame.js';
import { Line } from '../components/line.js';
import { useConsole } from '../hooks/use-console.js';
import type { ActionId } from '../keymap-types.js';
import type { JobModel } from '../model/job-model.js';
import { type JobRowWords, jobEvidence, jobRowWords } from '../presentation/job-row-words.js';
import { jobNumbers, jobStatus, progressBar } from '../presentation/job-words.js';
import { padded, wrap } from '../presentation/width.js';
import { jobLineIds } from '../state/job-lines.js';
import { cancelledIn, isBusy, type Job, tally } from '../state/job-state.js';
import type { TerminalSize } from '../terminal/terminal-context.js';

/** Progress, counts, reason, and two lines of evidence above the rows. */
const HEAD_LINES = 5;
/** Without the word for stopping, which has a column of its own from here on. */
const WIDE = 80;
/** `+ begun later`, or on a narrow screen `▲ still emitting`, and a space. */
const STATE_WIDTH = 14;
const NARROW_STATE_WIDTH = 17;
const ID_WIDTH = 20;
const PROGRESS_WIDTH = 16;
/** Wider than this a playbook would only push the last column away. */
const MOST_PATH = 64;
const LEAST_PATH = 27;
const NOT_WRITING: ReadonlySet<ActionId> = new Set(['stop']);
const NOTHING_TO_FOLLOW: ReadonlySet<ActionId> = new Set(['follow']);
const ONLY_WATCHING: ReadonlySet<ActionId> = new Set(['stop', 'follow']);

/** Keys that would do nothing at this moment. */
function idleKeys(job: Job): ReadonlySet<ActionId> {
  if (isBusy(job)) return NOTHING_TO_FOLLOW;
  return job.phase === 'done' && cancelledIn(job).length > 0 ? NOT_WRITING : ONLY_WATCHING;
}

/** One batch: the bar while it is written, what became of each, and the proof that it stopped. */
export function JobScreen({ screen, size }: { screen: JobModel; size: TerminalSize }): ReactElement {
  const { model } = useConsole();
  const job = useStore(model.context.jobs.store, (state) => state.jobs.find((one) => one.id === screen.jobId));
  const { cursor, offset } = useStore(screen.scroll.state);
  const height = Math.max(1, useBodyHeight(size, false) - HEAD_LINES);
  useLayoutEffect(() => screen.scroll.resize(height), [screen, height]);
  if (!job) return <Frame size={size} title="No such batch" place="job" />;
  const ids = jobLineIds(job);
  const title = isBusy(job) ? 'Cancelling' : job.phase === 'failed' ? 'Cancel failed' : 'Cancelled';
  return (
    <Frame
      size={size}
      title={title}
      note={`batch ${job.id}`}
      place="job"
      withJobs={false}
      head={HEAD_LINES}
      idle={idleKeys(job)}
    >
      <JobHead job={job} width={size.columns} cursorId={ids[cursor]} />
      {ids.slice(offset, offset + height).map((id, at) => (
        <OutcomeRow
          key={id}
          id={id}
          path={job.paths.get(id) ?? null}
          words={jobRowWords(job, id)}
          isCursor={offset + at === cursor}
          width={size.columns}
        />
      ))}
    </Frame>
  );
}

function JobHead({ job, width, cursorId }: { job: Job; width: number; cursorId: string | undefined }): ReactElement {
  const { model, theme } = useConsole();
  const counts = tally(job);
  const status = jobStatus(job);
  const bar = isBusy(job) ? progressBar(job.done, job.total, Math.max(8, Math.min(40, width - status.length - 4))) : '';
  const good = job.follow?.allStopped === true && counts.failed + counts.outcomeUnknown === 0;
  const bad =
    job.phase === 'failed' || counts.failed + counts.outcomeUnknown + counts.stillEmitting + counts.begunLaterOpen > 0;
  const now = model.context.clock.store.getState().now;
  const evidence = cursorId === undefined ? '' : `${cursorId}: ${jobEvidence(job, cursorId, now)}`;
  const wrapped = wrap(evidence, width - 2, 2);
  const evidenceLines = [wrapped[0] ?? '', wrapped[1] ?? ''];
  const reason = job.request.reason ? `reason: ${visibleText(job.request.reason)}` : 'no reason given';
  return (
    <Box flexDirection="column" height={HEAD_LINES} flexShrink={0}>
      <Line
        width={width}
        pieces={[
          { text: bar === '' ? ' ' : ` ${bar} `, color: theme.accent },
          { text: status, bold: true, color: bad ? theme.bad : good ? theme.good : theme.warn },
        ]}
      />
      <Line width={width} pieces={[{ text: ` ${jobNumbers(job)}`, color: theme.text }]} />
      <Line
        width={width}
        pieces={[{ text: ` ${reason} · by ${visibleText(job.request.cancelledBy)}`, color: theme.faint }]}
      />
      {evidenceLines.map((text, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two lines of one sentence
        <Line key={at} width={width} pieces={[{ text: ` ${text}`, color: theme.text }]} />
      ))}
    </Box>
  );
}

interface OutcomeRowProps {
  readonly id: string;
  readonly path: string | null;
  readonly words: JobRowWords;
  readonly isCursor: boolean;
  readonly width: number;
}

const OutcomeRow = memo(function OutcomeRow(props: OutcomeRowProps): ReactElement {
  const { theme } = useConsole();
  const { id, words, isCursor, width } = props;
  const isWide = width >= WIDE;
  const first = isWide ? words.state : words.word;
  const stateWidth = isWide ? STATE_WIDTH : NARROW_STATE_WIDTH;
  const room = width - 2 - stateWidth - ID_WIDTH - (isWide ? PROGRESS_WIDTH + 1 : 0);
  const pathWidth = Math.max(
    0,
    isWide ? Math.min(MOST_PATH, Math.max(Math.min(LEAST_PATH, room), Math.floor(room * 0.6))) : room,
  );
  const last = words.progress ? `${words.progress.glyph} ${words.progress.word}` : words.detail;
  const color = (value: string | undefined) => (value ? { color: value } : {});
  const inverse = isCursor && theme.plain;
  return (
    <Box
      height={1}
      flexShrink={0}
      {...(isCursor && theme.cursorBackground ? { backgroundColor: theme.cursorBackground } : {})}
    >
      <Text wrap="truncate" inverse={inverse} {...color(theme[first.color])}>
        {`${isCursor ? '▸' : ' '} ${padded(`${first.glyph} ${first.word}`, stateWidth)}`}
      </Text>
      <Text wrap="truncate" bold={isCursor} inverse={inverse} {...color(isCursor ? theme.cursorText : theme.text)}>
        {`${padded(id, ID_WIDTH)}${padded(visibleText(props.path ?? ''), pathWidth, { keep: 'end' })}`}
      </Text>
      {isWide && (
        <Text wrap="truncate" inverse={inverse} {...color(words.progress ? theme[words.progress.color] : theme.faint)}>
          {` ${padded(last, PROGRESS_WIDTH + room - pathWidth)}`}
        </Text>
      )}
    </Box>
  );
}, sameRow);

/** Words are made anew with every news of the batch; most of them say the same. */
function sameRow(a: OutcomeRowProps, b: OutcomeRowProps): boolean {
  return (
    a.id === b.id &&
    a.path === b.path &&
    a.isCursor === b.isCursor &&
    a.width === b.width &&
    JSON.stringify(a.words) === JSON.stringify(b.words)
  );
}
