import { Box, Text } from 'ink';
import type { ReactElement } from 'react';
import { useStore } from 'zustand';
import { visibleText } from '../../text/visible-text.js';
import { padded } from '../../text/width.js';
import { Frame, useBodyHeight } from '../chrome/frame.js';
import { shortTime } from '../kit/format-time.js';
import type { ScreenProps } from '../shell/screen.js';
import { useTheme } from '../shell/use-console.js';
import type { BatchListModel } from './batch-list-model.js';
import { tally } from './batch-state.js';
import { batchStatus } from './format-batch.js';

/** The batches of this session, newest first. */
export function BatchListScreen({ screen, size }: ScreenProps<BatchListModel>): ReactElement {
  const theme = useTheme();
  const { batches } = useStore(screen.batches.store);
  const { cursor, offset } = useStore(screen.scroll.state);
  const height = useBodyHeight(size, false);
  const shown = batches.toReversed().slice(offset, offset + height);
  return (
    <Frame size={size} title="Batches of this session" note={`${batches.length}`} scope="batches" withBatches={false}>
      {shown.map((batch, at) => {
        const isCursor = offset + at === cursor;
        const text = `${shortTime(batch.startedAt)}  ${tally(batch).cancelled} of ${batch.total} cancelled · ${batchStatus(batch)} · ${
          batch.request.reason ? visibleText(batch.request.reason) : 'no reason'
        }`;
        return (
          <Box
            key={batch.id}
            height={1}
            flexShrink={0}
            {...(isCursor && theme.cursorBackground ? { backgroundColor: theme.cursorBackground } : {})}
          >
            <Text wrap="truncate" bold={isCursor} inverse={isCursor && theme.plain}>
              {padded(`${isCursor ? '▸' : ' '} ${text}`, size.columns)}
            </Text>
          </Box>
        );
      })}
    </Frame>
  );
}
