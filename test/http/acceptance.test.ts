import { afterEach, describe, expect, it } from 'vitest';
import type { StopState } from '../../source/domain/stopping/stopping.js';
import { type RunningServer, startServer } from '../../source/http/server.js';
import type { FollowSnapshot } from '../../source/service/follow/follow-run.js';
import { createServices, type Services } from '../../source/service/use-cases.js';
import { createTestDatabase, type TestDatabase } from '../helpers/database.js';
import { openStore } from '../helpers/store.js';
import { Runaway } from './runaway.js';

interface World {
  readonly db: TestDatabase;
  readonly services: Services;
  readonly server: RunningServer;
  readonly runaway: Runaway;
}

let world: World;
afterEach(async () => {
  await world.runaway.drain();
  await world.server.close();
  await world.services.store.close();
  await world.db.close();
});

/** serve, an engine and four guarded workers on one PostgreSQL. */
async function start(children: number): Promise<World> {
  const db = await createTestDatabase();
  const services = createServices(openStore(db.url));
  const server = await startServer({ services, port: 0, version: 'test', logger: false });
  const runaway = await Runaway.start(db.pool, children);
  world = { db, services, server, runaway };
  for (const name of ['w1', 'w2', 'w3', 'w4']) runaway.guardedWorker(name, server.url);
  return world;
}

async function cancel({ server, runaway }: World): Promise<string[]> {
  await runaway.stopSpawning();
  const response = await fetch(`${server.url}/api/executions/${runaway.root}/cancel`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ reason: 'Emergency stop', cascade: true }),
  });
  expect(response.status).toBe(200);
  return ((await response.json()) as { cancelled_executions: string[] }).cancelled_executions;
}

const clockOf = async ({ db }: World): Promise<number> =>
  (await db.pool.query(`SELECT (extract(epoch from clock_timestamp()) * 1000)::float8 AS now`)).rows[0].now;

/** Every command of the tree as the log tells it. */
async function commandsOf({ db, runaway }: World) {
  const { rows } = await db.pool.query<{
    command_id: string;
    claimed_at: number | null;
    claims: number;
    started: number;
    completed: number;
    cancelled: number;
  }>(
    `SELECT meta->>'command_id' AS command_id,
      min(extract(epoch from created_at) * 1000) FILTER (WHERE event_type = 'command.claimed')::float8 AS claimed_at,
      count(*) FILTER (WHERE event_type = 'command.claimed')::int AS claims,
      count(*) FILTER (WHERE event_type = 'command.started')::int AS started,
      count(*) FILTER (WHERE event_type = 'command.completed')::int AS completed,
      count(*) FILTER (WHERE event_type = 'command.cancelled')::int AS cancelled
    FROM noetl.event WHERE execution_id = ANY($1::bigint[]) AND event_type LIKE 'command.%' GROUP BY 1`,
    [runaway.executions],
  );
  return rows;
}

async function cancelsOf({ db, runaway }: World) {
  const { rows } = await db.pool.query<{ executionId: string; eventId: string; at: number }>(
    `SELECT execution_id::text AS "executionId", event_id::text AS "eventId",
       (extract(epoch from created_at) * 1000)::float8 AS at FROM noetl.event
     WHERE execution_id = ANY($1::bigint[]) AND event_type = 'execution.cancelled'`,
    [runaway.executions],
  );
  return rows;
}

/** Looks until the log says that all have stopped, or the deadline passes. */
async function lookUntil(world: World, done: (snapshot: FollowSnapshot) => boolean): Promise<FollowSnapshot> {
  const cancels = await cancelsOf(world);
  const deadline = Date.now() + 30_000;
  for (;;) {
    const snapshot = await world.services.follow.look(cancels);
    if (done(snapshot) || Date.now() > deadline) return snapshot;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const until = async (condition: () => boolean | Promise<boolean>) => {
  const deadline = Date.now() + 30_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('it did not happen in time');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

describe('a runaway tree under load, with serve, an engine and four guarded workers', () => {
  it('is cancelled: nothing claimed afterwards runs, every skip is told once, and everything stops', async () => {
    const world = await start(6);
    await until(async () => (await commandsOf(world)).filter((command) => command.completed === 1).length > 60);
    const cancelled = await cancel(world);
    const visibleAt = await clockOf(world);
    expect(new Set(cancelled)).toEqual(new Set(world.runaway.executions));
    // The engine has not noticed yet: it goes on issuing into cancelled executions.
    const issued = world.runaway.issued;
    await until(() => world.runaway.issued > issued + 100);
    await world.runaway.drain();

    const commands = await commandsOf(world);
    for (const command of commands) {
      expect(command.claims, `claimed once at most: ${command.command_id}`).toBeLessThanOrEqual(1);
      expect(command.started + command.cancelled, `executed or skipped, once: ${JSON.stringify(command)}`).toBe(1);
      expect(command.completed, `a running command finishes: ${JSON.stringify(command)}`).toBe(command.started);
      if (command.claimed_at !== null && command.claimed_at > visibleAt) {
        expect(command.started, `claimed after the cancel and executed: ${JSON.stringify(command)}`).toBe(0);
      }
    }
    expect(commands.filter((command) => command.started === 1).length).toBeGreaterThan(60);
    expect(commands.filter((command) => command.cancelled === 1).length).toBeGreaterThanOrEqual(100);

    // On a machine that stalls between the cancel's row and its commit, a claim in that gap passed both checks rightly.
    const before = new Set(
      commands.filter((one) => (one.claimed_at ?? visibleAt + 1) <= visibleAt).map((one) => one.command_id),
    );
    const isStopped = ({ phase, violation, draining }: StopState) =>
      phase === 'stopped' || (phase === 'still-emitting' && draining === 0 && before.has(violation?.commandKey ?? ''));
    const last = await lookUntil(world, ({ states }) => states.every(isStopped));
    expect(last.states).toHaveLength(world.runaway.executions.length);
    expect(last.states.length).toBeGreaterThanOrEqual(7);
    expect(last.states.filter((state) => !isStopped(state))).toEqual([]);
    expect(await cancelsOf(world)).toHaveLength(world.runaway.executions.length);
  });

  it('shows the event that proves that a worker ignores cancels', async () => {
    const world = await start(1);
    world.runaway.rogueWorker('rogue');
    await until(async () => (await commandsOf(world)).filter((command) => command.completed === 1).length > 20);
    await cancel(world);
    const visibleAt = await clockOf(world);
    const snapshot = await lookUntil(world, ({ states }) =>
      states.every((state) => state.violation?.workerId === 'rogue'),
    );
    for (const { phase, violation } of snapshot.states) {
      // Between two commands of the rogue worker an execution drains.
      expect(['still-emitting', 'draining']).toContain(phase);
      expect(violation?.workerId).toBe('rogue');
      const { rows } = await world.db.pool.query(
        `SELECT event_type, worker_id, (extract(epoch from created_at) * 1000)::float8 AS at FROM noetl.event WHERE event_id = $1`,
        [violation?.eventId],
      );
      expect(rows[0]).toMatchObject({ event_type: violation?.type, worker_id: 'rogue' });
      expect(['command.claimed', 'command.started']).toContain(rows[0].event_type);
    }
    expect(snapshot.states.some((state) => (state.violation?.at ?? 0) > visibleAt)).toBe(true);
    expect(snapshot.allSettled).toBe(false);
  });
});
