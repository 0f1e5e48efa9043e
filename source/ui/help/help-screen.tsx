import { Box, Text } from 'ink';
import { type ReactElement, useLayoutEffect, useMemo } from 'react';
import { useStore } from 'zustand';
import { padded, wrap } from '../../text/width.js';
import { formatConnection } from '../chrome/format-connection.js';
import { Frame, useBodyHeight } from '../chrome/frame.js';
import { useConsole } from '../shell/use-console.js';
import type { TerminalSize } from '../terminal/terminal-context.js';
import { helpLines } from './help-lines.js';
import type { HelpModel } from './help-model.js';

const KEY_WIDTH = 20;

/** All keys, the filter's words, the codes and what they mean. */
export function HelpScreen({ help, size }: { help: HelpModel; size: TerminalSize }): ReactElement {
  const { model, theme } = useConsole();
  const { options, keymap } = model;
  const { columns: width } = size;
  const height = useBodyHeight(size, true);
  const cursor = useStore(help.scroll.state, (state) => state.cursor);
  const lines = useMemo(() => {
    const facts = {
      isDemo: options.demo === true,
      connection: formatConnection(options.services.store.connection, options.profile),
      readOnly: options.readOnly === true,
      cancelledBy: options.cancelledBy,
    };
    return helpLines(keymap, facts).flatMap((line) =>
      wrap(line.words, Math.max(10, width - (line.kind === 'entry' ? KEY_WIDTH + 3 : 2)))
        .concat(line.words === '' ? [''] : [])
        .map((words, at) => ({ ...line, key: at === 0 ? line.key : '', words })),
    );
  }, [options, keymap, width]);
  useLayoutEffect(() => {
    help.lineCount = lines.length;
    help.scroll.resize(height);
  }, [help, lines, height]);
  const from = Math.min(cursor, Math.max(0, lines.length - height));
  const note =
    lines.length > height ? `lines ${from + 1} to ${Math.min(lines.length, from + height)} of ${lines.length}` : '';
  return (
    <Frame size={size} title="Help" note={note} scope="help">
      {lines.slice(from, from + height).map((line, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines of help have no identity but their number
        <Box key={from + at} height={1} flexShrink={0}>
          {line.kind === 'entry' && (
            <Text wrap="truncate" bold {...(theme.accent ? { color: theme.accent } : {})}>
              {` ${padded(line.key, KEY_WIDTH)} `}
            </Text>
          )}
          <Text wrap="truncate" bold={line.kind === 'title'}>
            {line.kind === 'title' ? line.words : ` ${line.words}`}
          </Text>
        </Box>
      ))}
    </Frame>
  );
}
