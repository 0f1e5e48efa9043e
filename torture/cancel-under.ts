import type { Outcome } from '../test/cli/helpers/program.js';
import type { TestDatabase } from '../test/helpers/database.js';
import { auditCancels, auditEnd, cancelsIn, claimOf } from './audit.js';
import { runningExecutions } from './executions.js';
import type { Tally } from './tally.js';
import type { CommandRun, TortureContext } from './types.js';

/** The program before a fault: where it connects, and the database that can be asked the truth behind the fault. */
export interface UnderFault {
  readonly context: TortureContext;
  readonly tally: Tally;
  readonly db: Pick<TestDatabase, 'pool'>;
  readonly url: string;
}

export interface Attacked {
  readonly ids: readonly string[];
  readonly outcome: Outcome;
  /** The executions of the tree that were cancelled by the end of the run. */
  readonly cancelled: readonly string[];
}

/**
 * A root with its children (two, or so many that several transactions are under way at once), `cancel --cascade --json`
 * on it under a fault, and its report held against the table.
 */
export async function cancelUnder(
  { context, tally, db, url }: UnderFault,
  what: string,
  options: Pick<CommandRun, 'onStart'> & { settle?: () => Promise<unknown>; executions?: number } = {},
): Promise<Attacked> {
  const ids = await runningExecutions(db.pool, options.executions ?? 3, (_, above) => above[0] ?? null);
  const argv = ['cancel', ids[0] ?? '', '--cascade', '--json'];
  const outcome = await context.run(argv, { ...options, env: { DATABASE_URL: url } });
  // The fault may take away the database that is asked for the truth, too.
  await options.settle?.();
  auditEnd(what, outcome, tally);
  const claim = claimOf(what, outcome.stdout);
  if (claim === null) tally.found('misreported', `${what}: no line of JSON (exit ${outcome.code}): ${outcome.stderr}`);
  else await auditCancels(db.pool, [claim], tally);
  const cancels = await cancelsIn(db.pool);
  const cancelled = ids.filter((id) => cancels.has(id));
  const said = new Set([...(claim?.cancelled ?? []), ...(claim?.unknown ?? [])]);
  const unsaid = cancelled.filter((id) => !said.has(id));
  // Where the root's outcome is unknown, its whole transaction's is.
  const rootUnknown = claim?.unknown?.includes(ids[0] ?? '') === true;
  tally.expect(
    unsaid.length === 0 || rootUnknown,
    'misreported',
    () => `${what}: cancelled ${unsaid} without saying so: ${outcome.stdout} ${outcome.stderr}`,
  );
  const done = outcome.code !== 0 || cancelled.length === ids.length;
  tally.expect(done, 'lost', () => `${what}: exit 0 with ${cancelled.length} of ${ids.length} cancelled`);
  return { ids, outcome, cancelled };
}

/** The fault is over: the same command does what is left, and nothing twice. */
export async function sameAgain(under: UnderFault, what: string, { ids }: Attacked): Promise<void> {
  const { context, tally, db, url } = under;
  const argv = ['cancel', ids[0] ?? '', '--cascade', '--json'];
  const outcome = await context.run(argv, { env: { DATABASE_URL: url } });
  auditEnd(`${what}, again`, outcome, tally);
  const cancels = await cancelsIn(db.pool);
  const left = ids.filter((id) => cancels.get(id)?.length !== 1);
  tally.expect(left.length === 0, 'lost', () => `${what}: ${left} not cancelled once after the same command again`);
}
