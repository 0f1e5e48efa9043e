import { displayStatus, type EpochMs, type Execution, NO_PATH, silentFor } from '../../domain/execution.js';
import { rateWords } from '../../domain/runaway/facts.js';
import type { StaleExecution } from '../../service/diagnose/stale-summary.js';
import { factsOf, type KnownExecution } from '../../service/filter-facts.js';
import type { RunawayExecution } from '../../service/runaway.js';
import { formatDuration } from '../../text/duration.js';
import type { LIST_SORTS, RUNAWAY_SORTS, STALE_SORTS } from '../args/flag-specs.js';
import { paintStatus, statusWord } from './style.js';
import { type Column, printTable, shortTime } from './table.js';
import type { Terminal } from './terminal.js';

/** What a table can be sorted by: for each field, what is compared; rows without it come last in either order. */
export type SortKeys<Field extends string, Row> = Readonly<Record<Field, (row: Row) => string | number | null>>;

/** Rows in the order of `--sort FIELD` (ascending) or `--sort -FIELD`; as they are where it is not given. Stable. */
export function sorted<Field extends string, Row>(
  rows: readonly Row[],
  by: string | undefined,
  keys: SortKeys<Field, Row>,
): readonly Row[] {
  if (by === undefined) return rows;
  const key = keys[by.replace(/^-/, '') as Field];
  const sign = by.startsWith('-') ? -1 : 1;
  return rows
    .map((row) => ({ row, value: key(row) }))
    .sort(({ value: a }, { value: b }) => {
      if (a === null || b === null) return Number(a === null) - Number(b === null);
      return a < b ? -sign : a > b ? sign : 0;
    })
    .map(({ row }) => row);
}

/** Ids have up to 19 digits: as numbers they would lose the last ones. */
export const idKey = (id: string): string => id.padStart(19, '0');

/** What a table of executions is judged by. */
export interface ListClock {
  readonly now: EpochMs;
  readonly staleAfterMs: number;
}

/** A playbook's path and version; executions without a catalog row have neither. */
export const playbook = ({ path, version }: Pick<Execution, 'path' | 'version'>): string =>
  path === null ? NO_PATH : version === null ? path : `${path} v${version}`;

const eventWord = ({ lastEvent }: Execution): string =>
  lastEvent.node === null ? lastEvent.type : `${lastEvent.type} ${lastEvent.node}`;

const runMs = ({ startedAt, endedAt }: Execution, now: EpochMs): number | null =>
  startedAt === null ? null : Math.max(0, (endedAt ?? now) - startedAt);
const runTime = (execution: Execution, now: EpochMs): string => {
  const ms = runMs(execution, now);
  return ms === null ? '-' : formatDuration(ms);
};

type WithExecution = { readonly execution: Execution };

const ID: Column<WithExecution> = { title: 'EXECUTION', cell: ({ execution }) => execution.executionId };
const PARENT: Column<WithExecution> = {
  title: 'PARENT',
  cell: ({ execution }) => execution.parentExecutionId ?? '-',
  drop: 3,
};
const playbookColumn = (least: number, drop?: number): Column<WithExecution> => ({
  title: 'PLAYBOOK',
  cell: ({ execution }) => playbook(execution),
  least,
  drop,
});
/** What `-o wide` adds to every table of executions. */
const WIDE: readonly Column<WithExecution>[] = [
  { title: 'STEP', cell: ({ execution }) => factsOf(execution).currentStep ?? '-', wide: true },
  { title: 'WORKER', cell: ({ execution }) => execution.lastEvent.workerId ?? '-', wide: true },
];

const whyOf = ({ diagnosis, runaway }: KnownExecution): string | null => diagnosis?.code ?? runaway?.code ?? null;

/** A table of executions; with a WHY where any of them has one. */
export function printExecutions(
  rows: readonly KnownExecution[],
  clock: ListClock,
  terminal: Terminal,
  form: string | null = null,
): void {
  const status = ({ execution }: WithExecution) => displayStatus(execution, clock.now, clock.staleAfterMs);
  const columns: readonly Column<KnownExecution>[] = [
    {
      title: 'STATUS',
      cell: (row) => statusWord(status(row)),
      paint: (cell, row, style) => paintStatus(cell, status(row), style),
    },
    ...(rows.some(whyOf) ? [{ title: 'WHY', cell: (row: KnownExecution) => whyOf(row) ?? '-' }] : []),
    ID,
    playbookColumn(16),
    { title: 'STARTED', cell: ({ execution }) => shortTime(execution.startedAt), drop: 2 },
    { title: 'RUN', cell: ({ execution }) => runTime(execution, clock.now), align: 'right', wide: true },
    { title: 'SILENT', cell: ({ execution }) => formatDuration(silentFor(execution, clock.now)), align: 'right' },
    { title: 'LAST EVENT', cell: ({ execution }) => eventWord(execution), least: 14, drop: 1 },
    PARENT,
    ...WIDE,
  ];
  printTable(rows, columns, terminal, form);
}

const executionKeys = (now: EpochMs) => ({
  started: ({ execution }: WithExecution) => execution.startedAt,
  run: ({ execution }: WithExecution) => runMs(execution, now),
  path: ({ execution }: WithExecution) => execution.path,
  parent: ({ execution }: WithExecution) =>
    execution.parentExecutionId === null ? null : idKey(execution.parentExecutionId),
  id: ({ execution }: WithExecution) => idKey(execution.executionId),
  silent: ({ execution }: WithExecution) => silentFor(execution, now),
});

export const listKeys = ({ now, staleAfterMs }: ListClock): SortKeys<(typeof LIST_SORTS)[number], KnownExecution> => ({
  ...executionKeys(now),
  status: ({ execution }) => displayStatus(execution, now, staleAfterMs),
  why: whyOf,
});

export const staleKeys = (now: EpochMs): SortKeys<(typeof STALE_SORTS)[number], StaleExecution> => ({
  ...executionKeys(now),
  why: ({ diagnosis }) => diagnosis.code,
});

/** Stale executions with their evidence. */
export const STALE_COLUMNS: readonly Column<StaleExecution>[] = [
  {
    title: 'WHY',
    cell: ({ diagnosis }) => diagnosis.code,
    paint: (cell, { diagnosis }, style) => (diagnosis.safe ? style.yellow(cell) : cell),
  },
  { title: 'SAFE', cell: ({ diagnosis }) => (diagnosis.safe ? 'yes' : 'no'), drop: 1 },
  ID,
  { title: 'SILENT', cell: ({ silentMs }) => formatDuration(silentMs), align: 'right' },
  playbookColumn(12, 2),
  PARENT,
  ...WIDE,
  { title: 'EVIDENCE', cell: ({ diagnosis }) => diagnosis.evidence.sentence, least: 40 },
];

export const runawayKeys = (now: EpochMs): SortKeys<(typeof RUNAWAY_SORTS)[number], RunawayExecution> => ({
  ...executionKeys(now),
  why: ({ runaway }) => runaway.code,
  rate: ({ runaway }) => runaway.rate?.perMinute ?? null,
});

/** Executions that run away, with their evidence. */
export const runawayColumns = (now: EpochMs): readonly Column<RunawayExecution>[] => [
  {
    title: 'WHY',
    cell: ({ runaway }) => [runaway.code, ...runaway.also].join(', '),
    paint: (cell, _row, style) => style.yellow(cell),
  },
  ID,
  { title: 'RUNNING', cell: ({ execution }) => runTime(execution, now), align: 'right' },
  {
    title: 'RATE',
    cell: ({ runaway }) => (runaway.rate === null ? '-' : rateWords(runaway.rate)),
    align: 'right',
    drop: 1,
  },
  playbookColumn(12, 2),
  PARENT,
  ...WIDE,
  { title: 'EVIDENCE', cell: ({ runaway }) => runaway.evidence.sentence, least: 40 },
];
