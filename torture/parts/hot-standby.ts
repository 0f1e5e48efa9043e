import { auditEnd, cancelsIn } from '../audit.js';
import { runningExecutions } from '../executions.js';
import { startReplicated } from '../standby.js';
import type { TorturePart } from '../types.js';

/** The program on a replica: everything can be read, nothing can be written. */
export const hotStandby: TorturePart = {
  name: 'hot-standby',
  what: 'every command on a real hot standby: reads work, each way to cancel is refused with one clear line',
  run: async (context, tally) => {
    const replicated = await startReplicated();
    try {
      const count = context.times(2_000, 50);
      const ids = await runningExecutions(replicated.primary, count, (_, above) => above[0] ?? null, 20 * 60_000);
      const [root = ''] = ids;
      await replicated.caughtUp();
      const env = { DATABASE_URL: replicated.standbyUrl };
      const reads = [
        ['list', '--json'],
        ['stale', '--older-than', '1s'],
        ['status', root],
        ['tree', root],
        ['events', root],
        ['cancelled'],
        ['doctor'],
        ['query', 'SELECT count(*) FROM noetl.event', '--role', 'none'],
        ['cleanup', '--dry-run'],
        ['cancel', root, '--cascade', '--dry-run'],
        [],
      ];
      for (const argv of reads) {
        const outcome = await context.run(argv, { env });
        auditEnd(argv.join(' '), outcome, tally);
        // doctor's exit code says that there is a problem: nothing can be cancelled here.
        const right = outcome.code === (argv[0] === 'doctor' ? outcome.code : 0);
        tally.expect(right, 'broken', () => `${argv.join(' ')}: exit ${outcome.code} ${outcome.stderr}`);
        tally.did('commands that read');
      }
      const writes = [
        ['cancel', root],
        ['cancel', root, '--cascade', '--json'],
        ['--cancel', root],
        ['cleanup', '--include', 'live-claim'],
      ];
      for (const argv of writes) {
        const outcome = await context.run(argv, { env });
        auditEnd(argv.join(' '), outcome, tally);
        const refused = outcome.code === 1 && /read-only; connect to the primary/.test(outcome.stderr);
        tally.expect(refused, 'broken', () => `${argv.join(' ')}: exit ${outcome.code} ${outcome.stderr}`);
        tally.did('commands that cancel');
      }
      tally.expect((await cancelsIn(replicated.primary)).size === 0, 'broken', () => 'something was cancelled');
    } finally {
      await replicated.close();
    }
  },
};
