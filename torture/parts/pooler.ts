import { createTestDatabase } from '../../test/helpers/database.js';
import { hasPgBouncer, pgBouncer } from '../../test/helpers/pgbouncer.js';
import { auditCancels, auditEnd, claimOf } from '../audit.js';
import { liveIn, runningExecutions } from '../executions.js';
import type { TorturePart } from '../types.js';

const SERVER_CONNECTIONS = 3;

/** Programs that share few server connections, so that each transaction meets what another program left behind. */
export const pooler: TorturePart = {
  name: 'pooler',
  what: 'programs at once behind PgBouncer in transaction mode with three server connections: cancels, reads, queries, no lock and no setting left',
  run: async (context, tally) => {
    if (!hasPgBouncer) {
      tally.skipped = "PgBouncer is not installed (Debian's package pgbouncer)";
      return;
    }
    const db = await createTestDatabase();
    const bouncer = await pgBouncer(db.url, SERVER_CONNECTIONS);
    try {
      const env = { DATABASE_URL: bouncer.url };
      for (let round = 0; round < context.times(10, 1); round++) {
        const ids = await runningExecutions(db.pool, context.times(500, 40));
        const argvs = [
          ...Array.from({ length: context.times(4, 2) }, () => ['cancel', '-', '--json']),
          ['query', 'SELECT count(*) FROM noetl.event', '--role', 'none'],
          ['list', '--status', 'running', '--json'],
          ['stale', '--older-than', '1s', '--json'],
        ];
        const claims = await Promise.all(
          argvs.map(async (argv, index) => {
            const who = `round ${round}, ${argv.join(' ')} (${index})`;
            const outcome = await context.run(argv, { env, stdin: ids.join('\n') });
            auditEnd(who, outcome, tally);
            tally.did(argv[0] === 'cancel' ? 'cancels' : 'reads');
            if (argv[0] === 'cancel') return claimOf(who, outcome.stdout) ?? [];
            tally.expect(outcome.code === 0, 'broken', () => `${who}: exit ${outcome.code} ${outcome.stderr}`);
            return [];
          }),
        );
        await auditCancels(db.pool, claims.flat(), tally);
        const left = await liveIn(db.pool);
        tally.expect(left.length === 0, 'lost', () => `${left.length} are still running`);
      }
      const { rows } = await db.pool.query<{ n: number }>(
        `SELECT count(*)::int AS n FROM pg_locks l JOIN pg_database d ON d.oid = l.database
          WHERE l.locktype = 'advisory' AND d.datname = current_database()`,
      );
      tally.expect(rows[0]?.n === 0, 'broken', () => `${rows[0]?.n} advisory locks were left behind`);
    } finally {
      await bouncer.close();
      await db.close();
    }
  },
};
