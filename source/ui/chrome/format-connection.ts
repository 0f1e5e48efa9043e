import type { FeedHealth, FeedHistory } from '../../service/live-feed/feed-state.js';
import type { Connection } from '../../store/event-store.js';
import { formatDuration } from '../../text/duration.js';
import { visibleText } from '../../text/visible-text.js';
import { displayWidth, truncate } from '../../text/width.js';
import { plural } from '../../text/words.js';
import { UNKNOWN } from '../rows/row-cells.js';

/** The schema that NoETL itself uses; only another one is worth naming. */
const USUAL_SCHEMA = 'noetl';

/** Where the console is connected: user, host and database, and the schema where it is unusual; never a password. */
export function formatConnection(connection: Connection, profile: string | null | undefined): string {
  const { user, host, port, database, schema, shards = 1 } = connection;
  const other = schema === USUAL_SCHEMA ? '' : ` schema ${schema}`;
  const more = shards > 1 ? ` and ${plural(shards - 1, 'more shard')}` : '';
  const where = `${user}@${host}:${port}/${database}${other}${more}`;
  return visibleText(profile ? `${profile}: ${where}` : where);
}

/** What the header says beside the connection. */
export interface HeaderFacts {
  /** How cancels are written: `table`, or `api` and the server's address; null where nothing may be written. */
  readonly writes: string | null;
  /** Worker pools alive; null where that is not known. */
  readonly workers: number | null;
  /** Codes of the conditions that hold. */
  readonly conditions: readonly string[];
}

/** The parts of the header, each with the dot before it. */
export interface HeaderParts {
  readonly where: string;
  readonly way: string;
  readonly engine: string;
}

/**
 * The header's parts in so many cells. In this order they give way: the server's address, the words around the way and
 * the workers, and last the end of the connection; the way, the number of workers and the conditions stay.
 */
export function fitHeader(where: string, { writes, workers, conditions }: HeaderFacts, cells: number): HeaderParts {
  const way = (words: string) => (writes === null ? '' : ` · ${words}`);
  const short = writes?.split(' ', 1)[0] ?? '';
  const codes = conditions.length === 0 ? '' : ` ! ${conditions.join(' + ')}`;
  const alive = workers === null ? `workers ${UNKNOWN}` : plural(workers, 'worker');
  const engine = ` · ${alive}${codes}`;
  const forms: readonly HeaderParts[] = [
    { where, way: way(`cancels via ${visibleText(writes ?? '')}`), engine },
    { where, way: way(`cancels via ${short}`), engine },
    { where, way: way(`via ${short}`), engine },
    { where, way: way(short), engine: ` · ${workers ?? UNKNOWN}w${codes}` },
  ];
  const width = (parts: HeaderParts) => displayWidth(parts.where + parts.way + parts.engine);
  const found = forms.find((parts) => width(parts) <= cells);
  if (found) return found;
  const last = forms[forms.length - 1] as HeaderParts;
  const room = Math.max(0, cells - displayWidth(last.way + last.engine));
  const rest = truncate(last.way + last.engine, cells);
  return { where: truncate(where, room), way: rest.slice(0, last.way.length), engine: rest.slice(last.way.length) };
}

/** Data older than this is marked with its age even while all seems well. */
const OLD_MS = 5000;

export interface HealthText {
  readonly text: string;
  readonly tone: 'good' | 'warn' | 'bad';
}

/** Of the history, how much is read. */
export const percentOf = ({ done, of }: FeedHistory): number => (of === 0 ? 0 : Math.floor((done / of) * 100));

/** How the data stands, in a few words, with its age where that matters. */
export function formatHealth(
  health: FeedHealth,
  readAt: number,
  local: number,
  history?: FeedHistory | undefined,
): HealthText {
  const age = local - readAt;
  const old = readAt > 0 ? `data ${formatDuration(age)} old` : 'no data yet';
  switch (health.kind) {
    case 'loading':
      return { text: '◌ reading', tone: 'warn' };
    case 'paused':
      return { text: `‖ paused, ${old}`, tone: 'warn' };
    case 'reconnecting': {
      const wait = health.nextTryAt - local;
      const next = wait > 0 ? `next try in ${formatDuration(wait + 999)}` : 'trying';
      return { text: `✗ connection lost, ${next}, ${old}`, tone: 'bad' };
    }
    case 'live':
      if (age > OLD_MS) return { text: `◔ slow, ${old}`, tone: 'warn' };
      return { text: history ? `history ${percentOf(history)} % · ● live` : '● live', tone: 'good' };
  }
}
