import type { GrowsWith, HotQueryName } from '../references/hot-queries.js';
import { flatLaw, linearLaw, type Point } from './fit.js';
import { figure } from './rows.js';

/** What the growth over sizes of the table gave. */
export interface MeasuredGrowth {
  readonly queries: readonly {
    readonly name: HotQueryName;
    readonly title: string;
    readonly growsWith: GrowsWith;
    readonly points: readonly Point[];
    readonly note?: string;
  }[];
  /** Of table and indexes. */
  readonly bytes: readonly Point[];
  readonly executions: readonly Point[];
}

const MILLION = 1_000_000;
const BEYOND = [10, 100, 1000].map((millions) => millions * MILLION);
const SHARDS = [1, 4, 16];
/** Those that the tables of sums show, under short names. */
const SUMMED: readonly (readonly [name: HotQueryName, short: string])[] = [
  ['first-rows', 'first rows'],
  ['in-pieces', 'all that has not ended'],
  ['diagnosis', '`stale`, diagnosed'],
  ['refresh', 'refresh'],
  ['python-tree', 'tree of 5'],
  ['check', "a worker's check"],
];

const sizeName = (events: number): string =>
  events >= 1000 * MILLION ? `${figure(events / 1000 / MILLION)} billion` : `${figure(events / MILLION)} million`;
const duration = (ms: number): string => (ms >= 1000 ? `${figure(ms / 1000)} s` : `${figure(ms)} ms`);
const gigabytes = (bytes: number): string => `${figure(bytes / 1e9)} GB`;
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string[] => [
  `| ${head.join(' | ')} |`,
  `|---|${head
    .slice(1)
    .map(() => '--:|')
    .join('')}`,
  ...rows.map((cells) => `| ${cells.join(' | ')} |`),
];

/** The tables of docs/scale.md: what was measured, the fit, and what it says of larger tables. */
export function modelLines({ queries, bytes, executions }: MeasuredGrowth): string[] {
  const laws = new Map(
    queries.map(({ name, growsWith, points }) => [
      name,
      growsWith === 'nothing' ? flatLaw(points, MILLION) : linearLaw(points, MILLION),
    ]),
  );
  const costAt = (name: HotQueryName, events: number): number => laws.get(name)!.at(events);
  const measured = bytes.map(({ n }) => n);
  const sums = BEYOND.filter((n) => !measured.includes(n));
  const readAt = (name: HotQueryName, events: number): string => {
    const point = queries.find((query) => query.name === name)?.points.find(({ n }) => n === events);
    return point ? duration(point.y) : `*${duration(costAt(name, events))}*`;
  };
  const [size, count] = [linearLaw(bytes, MILLION), linearLaw(executions, MILLION)];
  const sizes = [...measured, ...sums];
  return [
    ...table(
      ['query', ...measured.map(sizeName), 'fitted, with n in millions of events'],
      queries.map(({ name, title, points }) => [
        title,
        ...points.map(({ y }) => duration(y)),
        laws.get(name)?.text ?? '',
      ]),
    ),
    '',
    'What the fits say of larger tables, in *italics* where nothing was measured:',
    '',
    ...table(
      ['events', 'table and indexes', 'executions', ...SUMMED.map(([, short]) => short)],
      sizes.map((events) => [
        sizeName(events),
        gigabytes(size.at(events)),
        Math.round(count.at(events)).toLocaleString('en'),
        ...SUMMED.map(([name]) => readAt(name, events)),
      ]),
    ),
    '',
    'The same sums over shards that each have cores of their own, a shard holding its part of the events:',
    '',
    ...table(
      ['', ...SHARDS.map((shards) => (shards === 1 ? '1 database' : `${shards} shards`))],
      [100 * MILLION, 1000 * MILLION].flatMap((events) =>
        SUMMED.slice(0, 3).map(([name, short]) => [
          `${short} at ${sizeName(events)}`,
          ...SHARDS.map((shards) => duration(costAt(name, events / shards))),
        ]),
      ),
    ),
  ];
}
