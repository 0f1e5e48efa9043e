import { formatDuration } from '../../domain/duration.js';
import { visibleText } from '../../domain/visible-text.js';
import type { FeedHealth } from '../../service/live-feed-types.js';
import type { Connection } from '../../store/event-store.js';

/** The schema that NoETL itself uses; only another one is worth naming. */
const USUAL_SCHEMA = 'noetl';

/**
 * Where the console is connected: user, host and database, and the schema where it is unusual; never a password. Then
 * which way it writes cancels, where that is known.
 */
export function connectionWords(
  connection: Connection,
  profile: string | null | undefined,
  writes?: string | null,
): string {
  const { user, host, port, database, schema } = connection;
  const other = schema === USUAL_SCHEMA ? '' : ` schema ${schema}`;
  const where = `${user}@${host}:${port}/${database}${other}`;
  const way = writes ? ` · cancels via ${writes}` : '';
  return visibleText(`${profile ? `${profile}: ` : ''}${where}${way}`);
}

/** Data older than this is marked with its age even while all seems well. */
const OLD_MS = 5000;

export interface HealthWords {
  readonly text: string;
  readonly tone: 'good' | 'warn' | 'bad';
}

/** How the data stands, in a few words, with its age where that matters. */
export function healthWords(health: FeedHealth, readAt: number, local: number): HealthWords {
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
      return age > OLD_MS ? { text: `◔ slow, ${old}`, tone: 'warn' } : { text: '● live', tone: 'good' };
  }
}
