import { STATUS_GLYPHS } from '../../domain/execution.js';
import { UNKNOWN } from '../rows/row-cells.js';
import { VIEW_TITLES, VIEWS, type ViewId } from '../shell/views.js';

/** One tab as it is drawn, its spaces included: a click on any of its cells means it. */
export interface Tab {
  readonly id: ViewId;
  readonly text: string;
}

export interface TabCounts {
  readonly running: number;
  readonly stale: number;
  /** Null: not read yet. */
  readonly runaway: number | null;
  /** True while older executions are still being read. */
  readonly isSoFar?: boolean;
}

export interface TabLine {
  readonly tabs: readonly Tab[];
  /** How many run and are stale, for the right end. */
  readonly tally: string;
}

/**
 * The tabs and the tally, in the longest form that fits. In this order they are shortened: the tally to its glyphs, the
 * space around tabs, and last the tabs' counters, since the tally has the same numbers.
 *
 * @param counts null before the first read
 */
export function tabLine(view: ViewId, counts: TabCounts | null, width: number): TabLine {
  const shown = (count: number | null | undefined) => `${count ?? UNKNOWN}`;
  const [running, stale] = [shown(counts?.running), shown(counts?.stale)];
  const { runaway = null, isSoFar = false } = counts ?? {};
  const labels = {
    active: ` ${shown(counts && counts.running + counts.stale)}`,
    stale: ` ${stale}`,
    runaway: runaway === null ? '' : ` ${runaway}`,
    cancelled: '',
    all: '',
  };
  const words = `${running} running, ${stale} stale${isSoFar ? ' so far' : ''}`;
  const glyphs = `${STATUS_GLYPHS.RUNNING}${running} ${STATUS_GLYPHS.STALE}${stale}${isSoFar ? '…' : ''}`;
  const made = (pad: string, hasCounts: boolean): Tab[] =>
    VIEWS.map((id, index) => {
      const label = `${index + 1} ${VIEW_TITLES[id]}${hasCounts ? labels[id] : ''}`;
      return { id, text: id === view ? `[${label}] ` : `${pad}${label}${pad} ` };
    });
  const forms: readonly TabLine[] = [
    { tabs: made(' ', true), tally: words },
    { tabs: made(' ', true), tally: glyphs },
    { tabs: made('', true), tally: glyphs },
    { tabs: made('', false), tally: glyphs },
  ];
  const fits = ({ tabs, tally }: TabLine) => tabs.reduce((sum, tab) => sum + tab.text.length, tally.length) <= width;
  return forms.find(fits) ?? { tabs: made('', false), tally: '' };
}

/** The tab at a column of the line. */
export function tabAt(tabs: readonly Tab[], x: number): ViewId | null {
  let end = 0;
  for (const { id, text } of tabs) {
    end += text.length;
    if (x < end) return id;
  }
  return null;
}
