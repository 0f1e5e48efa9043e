import type { FeedHealth, FeedHistory } from '../../service/live-feed/feed-state.js';
import type { Connection } from '../../store/event-store.js';
import { formatDuration } from '../../text/duration.js';
import { plural } from '../../text/plural.js';
import { visibleText } from '../../text/visible-text.js';
import { displayWidth, truncate } from '../../text/width.js';

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

/**
 * The same with the way that cancels take (`table`, or `api` and the server's address), in so many cells: the address goes
 * first, then the end of the connection; the way itself stays.
 */
export function fitConnection(where: string, writes: string | null | undefined, cells: number): string {
  if (!writes) return truncate(where, cells);
  const whole = `${where} · cancels via ${visibleText(writes)}`;
  if (displayWidth(whole) <= cells) return whole;
  const way = ` · via ${writes.split(' ', 1)[0]}`;
  return `${truncate(where, Math.max(0, cells - displayWidth(way)))}${truncate(way, cells)}`;
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
      return { text: history ? `● live, history ${percentOf(history)} %` : '● live', tone: 'good' };
  }
}
