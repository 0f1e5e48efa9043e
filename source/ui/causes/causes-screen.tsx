import { Text } from 'ink';
import { Table } from 'ink-table';
import { type PropsWithChildren, type ReactElement, useSyncExternalStore } from 'react';
import { useStore } from 'zustand';
import { Frame } from '../chrome/frame.js';
import type { ScreenProps } from '../shell/screen.js';
import { useTheme } from '../shell/use-console.js';
import type { CauseRow } from './cause-rows.js';
import type { CausesModel } from './causes-model.js';

/** Below so many columns the number of playbooks goes; the longest word of each other column always fits in 60. */
const WIDE = 66;

/** Why things are stuck, one line a cause. A table of a dozen lines: what ink-table is good at. */
export function CausesScreen({ screen, size }: ScreenProps<CausesModel>): ReactElement {
  const theme = useTheme();
  const { feed } = screen.context;
  useStore(screen.state);
  useSyncExternalStore(
    (listener) => feed.subscribe(listener),
    () => feed.snapshot().revision,
  );
  const rows = screen.rows();
  const cursor = screen.cursorIn(rows);
  const data = rows.map((row, at) => ({ ...row, why: `${at === cursor ? '▸' : ' '} ${row.why}` }));
  return (
    <Frame size={size} title="Stale executions by cause" note="Enter lists those of one cause" scope="causes">
      {data.length === 0 ? (
        <Text wrap="truncate"> nothing is stale</Text>
      ) : (
        <Table<CauseRow>
          data={data}
          columns={[
            'why',
            'safe',
            { key: 'executions', align: 'right' },
            ...(size.columns < WIDE ? [] : [{ key: 'playbooks', align: 'right' } as const]),
            { key: 'longest', align: 'right' },
          ]}
          header={({ children }: PropsWithChildren) => (
            <Text bold {...(theme.accent ? { color: theme.accent } : {})}>
              {children}
            </Text>
          )}
          skeleton={Gap}
        />
      )}
    </Frame>
  );
}

/** ink-table draws a rule before every row; only the gaps between columns are kept. */
function Gap({ children }: PropsWithChildren): ReactElement | null {
  return children === '│' ? <Text> </Text> : null;
}
