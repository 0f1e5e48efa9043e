import { type ReactElement, useMemo } from 'react';
import { useStore } from 'zustand';
import { BatchListModel } from '../batches/batch-list-model.js';
import { BatchListScreen } from '../batches/batch-list-screen.js';
import { BatchModel } from '../batches/batch-model.js';
import { BatchScreen } from '../batches/batch-screen.js';
import { CancelModel } from '../cancel-dialog/cancel-model.js';
import { CancelScreen } from '../cancel-dialog/cancel-screen.js';
import { CausesModel } from '../causes/causes-model.js';
import { CausesScreen } from '../causes/causes-screen.js';
import { HelpModel } from '../help/help-model.js';
import { HelpScreen } from '../help/help-screen.js';
import { ListScreen } from '../list/list-screen.js';
import { themeOf } from '../shell/theme.js';
import { type ConsoleView, ConsoleViewContext } from '../shell/use-console.js';
import type { TerminalSize } from '../terminal/terminal-context.js';
import { TimelineModel } from '../timeline/timeline-model.js';
import { TimelineScreen } from '../timeline/timeline-screen.js';
import { TreeModel } from '../tree/tree-model.js';
import { TreeScreen } from '../tree/tree-screen.js';
import type { ConsoleModel } from './console-model.js';
import { isTooSmall, TooSmall } from './too-small.js';

/** The screen on top of the stack. */
export function ConsoleScreen({ model, size }: { model: ConsoleModel; size: TerminalSize }): ReactElement {
  const { theme, noColor } = model.options;
  const view = useMemo<ConsoleView>(
    () => ({ model, theme: themeOf(theme, noColor === true) }),
    [model, theme, noColor],
  );
  const top = useStore(model.store, (state) => state.stack.at(-1) ?? model.list);
  return (
    <ConsoleViewContext.Provider value={view}>
      {isTooSmall(size) ? <TooSmall size={size} /> : <Top top={top} size={size} />}
    </ConsoleViewContext.Provider>
  );
}

function Top({ top, size }: { top: unknown; size: TerminalSize }): ReactElement {
  if (top instanceof TreeModel) return <TreeScreen key={top.root} tree={top} size={size} />;
  if (top instanceof TimelineModel) return <TimelineScreen key={top.executionId} timeline={top} size={size} />;
  if (top instanceof CancelModel) return <CancelScreen cancel={top} size={size} />;
  if (top instanceof BatchModel) return <BatchScreen key={top.batchId} screen={top} size={size} />;
  if (top instanceof BatchListModel) return <BatchListScreen batches={top} size={size} />;
  if (top instanceof CausesModel) return <CausesScreen causes={top} size={size} />;
  if (top instanceof HelpModel) return <HelpScreen help={top} size={size} />;
  return <ListScreen size={size} />;
}
