import { Box } from 'ink';
import type { ReactElement, ReactNode } from 'react';
import { useStore } from 'zustand';
import { Line } from '../kit/line.js';
import { bodyRows } from '../shell/body-rows.js';
import type { ActionId, KeyScope } from '../shell/keymap-types.js';
import { useConsole } from '../shell/use-console.js';
import type { TerminalSize } from '../terminal/terminal-context.js';
import { BatchLine, Footer, NoticeLine } from './footer.js';
import { Header } from './header.js';

/** Rows that a framed screen has for itself. */
export function useBodyHeight(size: TerminalSize, withBatches: boolean): number {
  const { context } = useConsole();
  const hasLine = useStore(context.batches.store, (state) => withBatches && state.line !== '');
  return bodyRows(size, hasLine);
}

/** What every screen above the list has around it: the connection stays in sight, and so does what just happened. */
export function Frame({
  size,
  title,
  note = '',
  scope,
  withBatches = true,
  idle,
  otherwise = '',
  children,
}: {
  size: TerminalSize;
  title: string;
  note?: string;
  scope: KeyScope;
  withBatches?: boolean;
  /** Keys that do nothing now, for the footer. */
  idle?: ReadonlySet<ActionId>;
  /** Said where nothing just happened. */
  otherwise?: string;
  children?: ReactNode;
}): ReactElement {
  const { theme } = useConsole();
  const { columns: width } = size;
  const height = useBodyHeight(size, withBatches);
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
      <NoticeLine width={width} otherwise={otherwise} />
      <Footer scope={scope} width={width} idle={idle} />
    </Box>
  );
}
