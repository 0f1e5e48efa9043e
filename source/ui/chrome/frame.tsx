import { Box } from 'ink';
import { type ReactElement, type ReactNode, useLayoutEffect } from 'react';
import { useStore } from 'zustand';
import { batchLine } from '../batches/format-batch.js';
import { Line } from '../kit/line.js';
import type { ActionId, KeyScope } from '../shell/keymap-types.js';
import { useConsole } from '../shell/use-console.js';
import type { TerminalSize } from '../terminal/terminal-context.js';
import { BatchLine, Footer, NoticeLine } from './footer.js';
import { Header } from './header.js';

/** Header, title, notice, footer. */
const FIXED_LINES = 4;

/** Rows that a framed screen has for itself. */
export function useBodyHeight(size: TerminalSize, withBatches: boolean): number {
  const { model } = useConsole();
  const hasBatches = useStore(model.context.batches.store, (state) => withBatches && batchLine(state.batches) !== '');
  return Math.max(1, size.rows - FIXED_LINES - (hasBatches ? 1 : 0));
}

/** What every screen above the list has around it: the connection stays in sight, and so does what just happened. */
export function Frame({
  size,
  title,
  note = '',
  scope,
  withBatches = true,
  head = 0,
  idle,
  children,
}: {
  size: TerminalSize;
  title: string;
  note?: string;
  scope: KeyScope;
  withBatches?: boolean;
  /** Lines of the body above its first row, for the mouse. */
  head?: number;
  /** Keys that do nothing now, for the footer. */
  idle?: ReadonlySet<ActionId>;
  children?: ReactNode;
}): ReactElement {
  const { model, theme } = useConsole();
  const { columns: width } = size;
  const height = useBodyHeight(size, withBatches);
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
      {withBatches && <BatchLine width={width} />}
      <NoticeLine width={width} />
      <Footer scope={scope} width={width} {...(idle ? { idle } : {})} />
    </Box>
  );
}
