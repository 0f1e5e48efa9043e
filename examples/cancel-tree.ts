/**
 * Cancels one execution with everything below it, and waits for the proof that the work has stopped.
 *
 *     DATABASE_URL=postgres://… node cancel-tree.ts 543857931469455628 'Detected infinite loop'
 */
import { cancelResults, isSettled, openClient, visibleText } from 'noetl-console/client';

const [id, reason] = process.argv.slice(2);
if (id === undefined) throw new Error('usage: cancel-tree.ts ID [REASON]');

const client = openClient({ databaseUrl: process.env.DATABASE_URL });
try {
  const tree = await client.tree(id);
  for (const node of tree?.nodes.values() ?? []) {
    const { status = 'unknown', path = null } = node.execution ?? {};
    console.log(`${'  '.repeat(node.depth)}${node.executionId} ${status} ${visibleText(path ?? '')}`);
  }

  const plan = await client.planCancel([id], { cascade: true });
  console.log(`${plan.targets.length} to cancel, ${plan.ended.length} have ended`);
  const report = await client.cancel(plan, { reason });
  for (const result of cancelResults(report)) console.log(result.message);

  const { states, allSettled } = await client.follow(report, { timeoutMs: 60_000 });
  for (const state of states.filter(({ phase }) => !isSettled(phase))) {
    console.log(`${state.executionId} is ${state.phase}: ${state.draining} commands in progress`);
  }
  console.log(allSettled ? `${states.length} settled` : 'not settled within a minute');
  process.exitCode = allSettled ? 0 : 6;
} finally {
  await client.close();
}
