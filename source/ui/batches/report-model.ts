import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { createStore, type StoreApi } from 'zustand/vanilla';
import { incidentFile, incidentReport, type ReportInput } from '../../service/report/report.js';
import { incidentMarkdown } from '../../service/report/report-markdown.js';
import { wrap } from '../../text/width.js';
import { ScrollModel } from '../kit/scroll.js';
import { copyIds } from '../rows/list-row.js';
import { followBodyRows } from '../shell/body-rows.js';
import { actCommonly } from '../shell/common-actions.js';
import type { ConsoleContext } from '../shell/console-context.js';
import type { ConsoleOptions } from '../shell/console-options.js';
import type { ActionId } from '../shell/keymap-types.js';
import { errorText } from '../shell/notices.js';
import type { Screen } from '../shell/screen.js';
import type { BatchLoading } from './batch-model.js';
import type { Batch } from './batch-state.js';
import type { SessionBatches } from './session-batches.js';

declare module '../shell/screen.js' {
  interface ScreenArguments {
    report: [batchId: string, since?: number | undefined];
  }
}

export interface ReportState extends BatchLoading {
  /** The report as Markdown, as wide as the screen. */
  readonly lines: readonly string[];
}

/** The incident report of a batch, as the file would hold it; the same key writes the file. */
export class ReportModel implements Screen {
  readonly kind = 'report';
  readonly state: StoreApi<ReportState> = createStore<ReportState>(() => ({
    lines: [],
    loading: true,
    missing: false,
    problem: null,
  }));
  readonly scroll: ScrollModel;
  readonly #stops: readonly (() => void)[];
  readonly #stopping = new AbortController();
  #input: ReportInput | null = null;

  constructor(
    private readonly context: ConsoleContext,
    private readonly batches: SessionBatches,
    private readonly options: ConsoleOptions,
    readonly batchId: string,
    since?: number,
  ) {
    this.scroll = new ScrollModel(() => this.state.getState().lines.length);
    this.#stops = [
      followBodyRows(context, true, (rows) => this.scroll.resize(rows)),
      context.size.subscribe(() => this.#layOut()),
    ];
    const known = batches.get(batchId);
    if (known) this.#show(known);
    else void this.#load(since);
  }

  act(action: ActionId): void {
    if (this.scroll.act(action)) return;
    if (action === 'report') this.#write();
    else if (action === 'copy') copyIds(this.context, [this.batchId]);
    else actCommonly(action, this.context);
  }

  wheel(by: 1 | -1): void {
    this.scroll.move({ by: by * 3 });
  }

  dispose(): void {
    this.#stopping.abort();
    for (const stop of this.#stops) stop();
  }

  async #load(since: number | undefined): Promise<void> {
    const { signal } = this.#stopping;
    try {
      const isThere = await this.batches.load(this.batchId, { signal, since });
      const batch = this.batches.get(this.batchId);
      if (batch) this.#show(batch);
      this.batches.rest(this.batchId);
      this.state.setState({ loading: false, missing: !isThere });
    } catch (error) {
      if (!signal.aborted) this.state.setState({ loading: false, problem: errorText(error) });
    }
  }

  #show({ report, follow, fromLog }: Batch): void {
    if (!report) {
      this.state.setState({ loading: false, problem: 'the batch has not finished' });
      return;
    }
    const { host, port, database } = this.options.services.store.connection;
    this.#input = { report, follow, fromLog, database: `${host}:${port}/${database}`, writtenAt: Date.now() };
    this.#layOut();
  }

  #layOut(): void {
    if (!this.#input) return;
    const { columns } = this.context.size.getState();
    const lines = incidentMarkdown(incidentReport(this.#input))
      .trimEnd()
      .split('\n')
      .flatMap((line) => (line === '' ? [''] : wrap(line, columns - 1)));
    this.state.setState({ lines, loading: false });
    this.scroll.point(this.scroll.state.getState().cursor);
  }

  #write(): void {
    const { notices } = this.context;
    if (!this.#input) return;
    writeReport(this.#input, this.options.reportDirectory ?? '.').then(
      (path) => notices.say(`report written: ${path}`, 'good'),
      (error: unknown) => notices.say(`report not written: ${errorText(error)}`, 'bad'),
    );
  }
}

/** Writes a report and answers the path of the file; an existing file is never overwritten. */
async function writeReport(input: ReportInput, directory: string): Promise<string> {
  const stamp = new Date(input.writtenAt).toISOString().replace(/[-:]/g, '').slice(0, 15);
  const path = resolve(directory, `noetl-cancel-${stamp}-${input.report.request.batchId.slice(0, 8)}.md`);
  await writeFile(path, incidentFile(path, input), { flag: 'wx' });
  return path;
}
