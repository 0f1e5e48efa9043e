import { Box, Text } from 'ink';
import { type ReactElement, useLayoutEffect } from 'react';
import { useStore } from 'zustand';
import { visibleText } from '../../text/visible-text.js';
import { padded } from '../../text/width.js';
import { Frame, useBodyHeight } from '../chrome/frame.js';
import { shortTime } from '../kit/format-time.js';
import { useConsole } from '../shell/use-console.js';
import type { TerminalSize } from '../terminal/terminal-context.js';
import type { JobsScreenModel } from './batch-list-model.js';
import { tally } from './batch-state.js';
import { jobStatus } from './format-batch.js';

/** The batches of this session, newest first. */
export function JobsScreen({ jobs: screen, size }: { jobs: JobsScreenModel; size: TerminalSize }): ReactElement {
  const { model, theme } = useConsole();
  const { jobs } = useStore(model.context.jobs.store);
  const { cursor, offset } = useStore(screen.scroll.state);
  const height = useBodyHeight(size, false);
  useLayoutEffect(() => screen.scroll.resize(height), [screen, height]);
  const shown = jobs.toReversed().slice(offset, offset + height);
  return (
    <Frame size={size} title="Batches of this session" note={`${jobs.length}`} place="jobs" withJobs={false}>
      {shown.map((job, at) => {
        const isCursor = offset + at === cursor;
        const text = `${shortTime(job.startedAt)}  ${tally(job).cancelled} of ${job.total} cancelled · ${jobStatus(job)} · ${
          job.request.reason ? visibleText(job.request.reason) : 'no reason'
        }`;
        return (
          <Box
            key={job.id}
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
