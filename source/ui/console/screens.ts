import type { ExecutionId } from '../../domain/execution-id.js';
import { BatchListModel } from '../batches/batch-list-model.js';
import { BatchListScreen } from '../batches/batch-list-screen.js';
import { BatchModel } from '../batches/batch-model.js';
import { BatchScreen } from '../batches/batch-screen.js';
import { ReportModel } from '../batches/report-model.js';
import { ReportScreen } from '../batches/report-screen.js';
import type { SessionBatches } from '../batches/session-batches.js';
import { CancelModel, type CancelSource } from '../cancel-dialog/cancel-model.js';
import { CancelScreen } from '../cancel-dialog/cancel-screen.js';
import { CausesModel } from '../causes/causes-model.js';
import { CausesScreen } from '../causes/causes-screen.js';
import { DescribeModel } from '../describe/describe-model.js';
import { DescribeScreen } from '../describe/describe-screen.js';
import { GanttModel } from '../gantt/gantt-model.js';
import { GanttScreen } from '../gantt/gantt-screen.js';
import type { GanttMode } from '../gantt/rows.js';
import { HelpModel } from '../help/help-model.js';
import { HelpScreen } from '../help/help-screen.js';
import { ListModel } from '../list/list-model.js';
import { ListScreen } from '../list/list-screen.js';
import type { ConsoleContext, FrozenTarget } from '../shell/console-context.js';
import type { ConsoleOptions } from '../shell/console-options.js';
import type { Keymap } from '../shell/keymap-resolve.js';
import type { KeyScope } from '../shell/keymap-types.js';
import type { Screen, ScreenArguments, ScreenComponent, ScreenKind } from '../shell/screen.js';
import { TimelineModel } from '../timeline/timeline-model.js';
import { TimelineScreen } from '../timeline/timeline-screen.js';
import { TreeModel } from '../tree/tree-model.js';
import { TreeScreen } from '../tree/tree-screen.js';

/** What the models are made from. */
export interface ScreenParts {
  readonly context: ConsoleContext;
  readonly options: ConsoleOptions;
  readonly keymap: Keymap;
  readonly batches: SessionBatches;
}

/** One kind of screen: how its model is made, what draws it, and why it may not be opened now (null: it may). */
interface ScreenEntry<Kind extends ScreenKind> {
  readonly model: (parts: ScreenParts, ...given: ScreenArguments[Kind]) => Screen;
  readonly screen: ScreenComponent<never>;
  readonly refusal: (parts: ScreenParts) => string | null;
}
export type Screens = { readonly [Kind in ScreenKind]: ScreenEntry<Kind> };

/** Ties a model to the component that draws this very model. */
const entry = <Given extends readonly unknown[], Model extends Screen>(
  model: (parts: ScreenParts, ...given: Given) => Model,
  screen: ScreenComponent<Model>,
  refusal: (parts: ScreenParts) => string | null = () => null,
) => ({ model, screen, refusal });

const whyReadOnly = ({ options }: ScreenParts): string | null =>
  options.readOnly ? 'cancel is off: this console is read-only' : null;

/** Every screen of the console. */
export const SCREENS = {
  list: entry(({ context, options }) => new ListModel(context, options), ListScreen),
  describe: entry(({ context }, id: ExecutionId) => new DescribeModel(context, id), DescribeScreen),
  tree: entry(({ context }, root: ExecutionId, at?: ExecutionId) => new TreeModel(context, root, at), TreeScreen),
  timeline: entry(
    ({ context }, id: ExecutionId, path: string | null, eventId?: string) =>
      new TimelineModel(context, id, path, eventId),
    TimelineScreen,
  ),
  gantt: entry(
    ({ context }, id: ExecutionId, path: string | null, mode?: GanttMode) => new GanttModel(context, id, path, mode),
    GanttScreen,
  ),
  cancel: entry(
    ({ context, options }, targets: readonly FrozenTarget[], source: CancelSource) =>
      new CancelModel(context, options, targets, source),
    CancelScreen,
    whyReadOnly,
  ),
  batch: entry(
    ({ context, batches }, id: string, since?: number) => new BatchModel(context, batches, id, since),
    BatchScreen,
  ),
  batches: entry(({ context, batches }) => new BatchListModel(context, batches), BatchListScreen),
  report: entry(
    ({ context, batches, options }, batchId: string, since?: number) =>
      new ReportModel(context, batches, options, batchId, since),
    ReportScreen,
  ),
  causes: entry(({ context }) => new CausesModel(context), CausesScreen),
  help: entry(
    ({ context, keymap, options }, about: KeyScope) => new HelpModel(context, keymap, options, about),
    HelpScreen,
  ),
} satisfies Screens;
