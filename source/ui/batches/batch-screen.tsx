import { Box } from 'ink';
import { memo, type ReactElement } from 'react';
import { useStore } from 'zustand';
import { visibleText } from '../../text/visible-text.js';
import { padded, wrap } from '../../text/width.js';
import { Frame, useBodyHeight } from '../chrome/frame.js';
import { Line } from '../kit/line.js';
import { EmptyList, type EmptyText } from '../rows/empty-list.js';
import type { KeyOf } from '../shell/console-context.js';
import type { ActionId } from '../shell/keymap-types.js';
import type { ScreenProps } from '../shell/screen.js';
import { useClockText, useConsole, useTheme } from '../shell/use-console.js';
import { type BatchLoading, type BatchModel, HEAD_LINES } from './batch-model.js';
import { type Batch, batchExecutionIds, cancelledIn, isBusy, tally } from './batch-state.js';
import {
  type BatchRowText,
  batchEvidence,
  batchNumbers,
  batchStatus,
  formatBatchRow,
  progressBar,
} from './format-batch.js';

/** Without the word for stopping, which has a column of its own from here on. */
const WIDE = 80;
/** `+ began later`, or on a narrow screen `▲ still emitting`, and a space. */
const STATE_WIDTH = 14;
const NARROW_STATE_WIDTH = 17;
const ID_WIDTH = 20;
const PROGRESS_WIDTH = 16;
/** Wider than this a playbook would only push the last column away. */
const MOST_PATH = 64;
const LEAST_PATH = 27;
const NOT_WRITING: ReadonlySet<ActionId> = new Set(['stop']);
const NOTHING_TO_FOLLOW: ReadonlySet<ActionId> = new Set(['follow']);
const NOTHING_YET: ReadonlySet<ActionId> = new Set(['stop', 'follow', 'report', 'open', 'describe', 'copy']);
const ONLY_WATCHING: ReadonlySet<ActionId> = new Set(['stop', 'follow']);

/** Keys that would do nothing at this moment. */
function idleKeys(batch: Batch): ReadonlySet<ActionId> {
  if (isBusy(batch)) return NOTHING_TO_FOLLOW;
  return batch.phase === 'done' && cancelledIn(batch).length > 0 ? NOT_WRITING : ONLY_WATCHING;
}

/** One batch: the bar while it is written, what became of each, and the proof that it stopped. */
export function BatchScreen({ screen, size }: ScreenProps<BatchModel>): ReactElement {
  const batch = useStore(screen.batches.store, () => screen.batches.get(screen.batchId));
  const loading = useStore(screen.state);
  const { keyOf } = useConsole().context;
  const { cursor, offset } = useStore(screen.scroll.state);
  const height = Math.max(1, useBodyHeight(size, false) - HEAD_LINES);
  if (!batch) {
    return (
      <Frame
        size={size}
        title={`Batch ${visibleText(screen.batchId)}`}
        scope="batch"
        withBatches={false}
        idle={NOTHING_YET}
      >
        <EmptyList words={emptyWords(loading, keyOf)} width={size.columns} height={height} />
      </Frame>
    );
  }
  const ids = batchExecutionIds(batch);
  const place = ids.length > height ? `${cursor + 1}/${ids.length} · ` : '';
  const title = isBusy(batch) ? 'Cancelling' : batch.phase === 'failed' ? 'Cancel failed' : 'Cancelled';
  return (
    <Frame
      size={size}
      title={title}
      note={`${place}batch ${visibleText(batch.id)}${batch.fromLog ? ' · from the log' : ''}`}
      scope="batch"
      withBatches={false}
      idle={idleKeys(batch)}
    >
      <BatchHead batch={batch} width={size.columns} cursorId={ids[cursor]} />
      {ids.slice(offset, offset + height).map((id, at) => (
        <OutcomeRow
          key={id}
          id={id}
          path={batch.paths.get(id) ?? null}
          words={formatBatchRow(batch, id)}
          isCursor={offset + at === cursor}
          width={size.columns}
        />
      ))}
    </Frame>
  );
}

const emptyWords = ({ missing, problem }: BatchLoading, keyOf: KeyOf): EmptyText =>
  problem !== null
    ? { title: 'The batch could not be read', hints: [problem, `${keyOf('back')} goes back.`], tone: 'bad' }
    : missing
      ? { title: 'No cancel in the log names this batch', hints: [`${keyOf('back')} goes back.`], tone: 'warn' }
      : { title: 'Reading the batch from the log…', hints: [], tone: 'faint' };

function BatchHead({
  batch,
  width,
  cursorId,
}: {
  batch: Batch;
  width: number;
  cursorId: string | undefined;
}): ReactElement {
  const theme = useTheme();
  const counts = tally(batch);
  const status = batchStatus(batch);
  const bar = isBusy(batch)
    ? progressBar(batch.done, batch.total, Math.max(8, Math.min(40, width - status.length - 4)))
    : '';
  const good = batch.follow?.allSettled === true && counts.failed + counts.outcomeUnknown === 0;
  const bad =
    batch.phase === 'failed' ||
    counts.failed + counts.outcomeUnknown + counts.stillEmitting + counts.begunLaterOpen > 0;
  const evidence = useClockText(({ now }) =>
    cursorId === undefined ? '' : `${cursorId}: ${batchEvidence(batch, cursorId, now)}`,
  );
  const reason = batch.request.reason ? `reason: ${visibleText(batch.request.reason)}` : 'no reason given';
  return (
    <Box flexDirection="column" height={HEAD_LINES} flexShrink={0}>
      <Line
        width={width}
        pieces={[
          { text: bar === '' ? ' ' : ` ${bar} `, color: theme.accent },
          { text: status, bold: true, color: bad ? theme.bad : good ? theme.good : theme.warn },
        ]}
      />
      <Sentence text={batchNumbers(batch)} width={width} />
      <Line
        width={width}
        pieces={[{ text: ` ${reason} · by ${visibleText(batch.request.cancelledBy)}`, color: theme.faint }]}
      />
      <Sentence text={evidence} width={width} />
    </Box>
  );
}

/** On two lines at most. */
function Sentence({ text, width }: { text: string; width: number }): ReactElement {
  const theme = useTheme();
  return (
    <>
      {wrap(text, width - 2, 2).map((line, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two lines of one sentence
        <Line key={at} width={width} pieces={[{ text: ` ${line}`, color: theme.text }]} />
      ))}
    </>
  );
}

interface OutcomeRowProps {
  readonly id: string;
  readonly path: string | null;
  readonly words: BatchRowText;
  readonly isCursor: boolean;
  readonly width: number;
}

const OutcomeRow = memo(function OutcomeRow(props: OutcomeRowProps): ReactElement {
  const theme = useTheme();
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
  const inverse = isCursor && theme.plain;
  const text = isCursor ? theme.cursorText : theme.text;
  return (
    <Line
      width={width}
      background={isCursor ? theme.cursorBackground : undefined}
      pieces={[
        {
          text: `${isCursor ? '▸' : ' '} ${padded(`${first.glyph} ${first.word}`, stateWidth)}`,
          color: theme[first.color],
          inverse,
        },
        {
          text: `${padded(id, ID_WIDTH)}${padded(visibleText(props.path ?? ''), pathWidth, { keep: 'end' })}`,
          color: text,
          bold: isCursor,
          inverse,
        },
        ...(isWide
          ? [
              {
                text: ` ${padded(last, PROGRESS_WIDTH + room - pathWidth)}`,
                color: words.progress ? theme[words.progress.color] : theme.faint,
                inverse,
              },
            ]
          : []),
      ]}
    />
  );
}, sameRow);

/** Texts are rebuilt with every update of the batch; most do not change. */
function sameRow(a: OutcomeRowProps, b: OutcomeRowProps): boolean {
  return (
    a.id === b.id &&
    a.path === b.path &&
    a.isCursor === b.isCursor &&
    a.width === b.width &&
    JSON.stringify(a.words) === JSON.stringify(b.words)
  );
}
