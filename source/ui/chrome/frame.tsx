import { Box } from 'ink';
import { type ReactElement, type ReactNode, useLayoutEffect } from 'react';
import { useStore } from 'zustand';
import { jobLine } from '../batches/format-batch.js';
import { Line } from '../kit/line.js';
import type { ActionId, Place } from '../shell/keymap-types.js';
import { useConsole } from '../shell/use-console.js';
import type { TerminalSize } from '../terminal/terminal-context.js';
import { Footer, JobLine, NoticeLine } from './footer.js';
import { Header } from './header.js';

/** Header, title, notice, footer. */
const FIXED_LINES = 4;

/** Rows that a framed screen has for itself. */
export function useBodyHeight(size: TerminalSize, withJobs: boolean): number {
  const { model } = useConsole();
  const hasJobs = useStore(model.context.jobs.store, (state) => withJobs && jobLine(state.jobs) !== '');
  return Math.max(1, size.rows - FIXED_LINES - (hasJobs ? 1 : 0));
}

/** What every screen above the list has around it: the connection stays in sight, and so does what just happened. */
export function Frame({
  size,
  title,
  note = '',
  place,
  withJobs = true,
  head = 0,
  idle,
  children,
}: {
  size: TerminalSize;
  title: string;
  note?: string;
  place: Place;
  withJobs?: boolean;
  /** Lines of the body above its first row, for the mouse. */
  head?: number;
  /** Keys that do nothing now, for the footer. */
  idle?: ReadonlySet<ActionId>;
  children?: ReactNode;
}): ReactElement {
  const { model, theme } = useConsole();
  const { columns: width } = size;
  const height = useBodyHeight(size, withJobs);
  useLayoutEffect(() => {
    model.bodyTop = 2 + head;
  }, [model, head]);
  return (
    <Box flexDirection="column" width={width} height={size.rows} overflowY="hidden">
      <Header width={width} />
      <Line
        width={width}
        pieces={[
          { text: `${title}  `, bold: true, color: theme.accent },
          { text: note, color: theme.faint },
        ]}
      />
      <Box flexDirection="column" height={height} flexShrink={0} overflowY="hidden">
        {children}
      </Box>
      {withJobs && <JobLine width={width} />}
      <NoticeLine width={width} />
      <Footer place={place} width={width} {...(idle ? { idle } : {})} />
    </Box>
  );
}
