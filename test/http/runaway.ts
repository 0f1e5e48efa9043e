import type pg from 'pg';
import type { SnowflakeLayout } from '../../source/domain/snowflake.js';
import { createCancellationGuard } from '../../source/guard/cancellation-guard.js';
import type { GuardedCommand } from '../../source/guard/guard-types.js';
import { httpCancellationCheck, httpCommandEmitter } from '../../source/guard/http-ports.js';
import { nextIdAt, writeEvents } from '../helpers/database.js';

const tick = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const silent = { info: () => {}, warn: () => {} };

/**
 * An engine and its workers as a test needs them: a tree of executions in which every step issues the next, children
 * appear, and nobody takes the console's lock. Commands reach workers through a queue that hands each out once.
 */
export class Runaway {
  readonly executions: string[] = [];
  readonly #queue: GuardedCommand[] = [];
  readonly #loops: Promise<void>[] = [];
  readonly #layouts = new Map<string, SnowflakeLayout>();
  #catalogId = '';
  #spawning = true;
  #spawn: Promise<void> = Promise.resolve();
  #on = true;
  #engineOn = true;
  #issued = 0;

  private constructor(private readonly pool: pg.Pool) {}

  static async start(pool: pg.Pool, children: number): Promise<Runaway> {
    const runaway = new Runaway(pool);
    const root = nextIdAt(Date.now(), 'rust');
    await writeEvents(pool, [{ execution_id: root, event_type: 'playbook_started', path: 'demo/runaway' }]);
    const { rows } = await pool.query('SELECT catalog_id FROM noetl.event WHERE execution_id = $1', [root]);
    runaway.#catalogId = rows[0].catalog_id;
    runaway.executions.push(root);
    for (let child = 0; child < children; child++) await runaway.#begin(runaway.executions[child >> 1] ?? root);
    runaway.#loops.push(runaway.#engine());
    return runaway;
  }

  get root(): string {
    return this.executions[0] ?? '';
  }
  get issued(): number {
    return this.#issued;
  }

  /** A worker that runs every command through the guard, over HTTP. */
  guardedWorker(name: string, baseUrl: string): void {
    const guard = createCancellationGuard({
      check: httpCancellationCheck({ baseUrl }),
      emit: httpCommandEmitter({ baseUrl }),
      logger: silent,
    });
    this.#loops.push(
      this.#worker(async (command) => {
        await guard.run(
          { ...command, workerId: name },
          {
            claim: async () => {
              await this.#put(command.executionId, 'command.claimed', command, name);
              return true;
            },
            execute: () => this.#execute(command, name),
          },
        );
      }),
    );
  }

  /** A worker that asks nobody. */
  rogueWorker(name: string): void {
    this.#loops.push(
      this.#worker(async (command) => {
        await this.#put(command.executionId, 'command.claimed', command, name);
        await this.#execute(command, name);
      }),
    );
  }

  /** The engine notices; what it has issued is still in the queue. */
  stopEngine(): void {
    this.#engineOn = false;
  }

  /** Ends everything once the queue is empty. */
  async drain(): Promise<void> {
    this.#engineOn = false;
    while (this.#queue.length > 0) await tick(5);
    this.#on = false;
    await Promise.all(this.#loops);
  }

  /** No further children; resolves once the last one has begun. */
  async stopSpawning(): Promise<void> {
    this.#spawning = false;
    await this.#spawn;
  }

  /** Begins a child, of the two stacks by turns. */
  async #begin(parent: string): Promise<void> {
    const layout = this.executions.length % 2 ? 'database' : 'rust';
    const child = nextIdAt(Date.now(), layout);
    this.#layouts.set(child, layout);
    await this.#put(child, layout === 'rust' ? 'playbook_started' : 'playbook.initialized', null, null, parent);
    this.executions.push(child);
  }

  async #engine(): Promise<void> {
    for (let round = 1; this.#engineOn; round++) {
      if (this.#spawning && round % 10 === 0 && this.executions.length < 16) {
        this.#spawn = this.#begin(this.executions[round % this.executions.length] ?? this.root);
        await this.#spawn;
      }
      // Load, not a backlog that takes minutes to drain on a slow machine.
      if (this.#queue.length < 200) await Promise.all(this.executions.map((executionId) => this.#issue(executionId)));
      await tick(4);
    }
  }

  async #issue(executionId: string): Promise<void> {
    const commandId = `${executionId}:loop:${++this.#issued}`;
    const command = { executionId, commandId, step: 'loop', workerId: '' };
    await this.#put(executionId, 'command.issued', command, null);
    this.#queue.push(command);
  }

  async #worker(take: (command: GuardedCommand) => Promise<void>): Promise<void> {
    while (this.#on) {
      const batch = this.#queue.splice(0, 4);
      if (batch.length === 0) await tick(2);
      else await Promise.all(batch.map(take));
    }
  }

  async #execute(command: GuardedCommand, worker: string): Promise<void> {
    await this.#put(command.executionId, 'command.started', command, worker);
    await tick(3 + (Number(command.commandId.split(':').at(-1)) % 20));
    await this.#put(command.executionId, 'command.completed', command, worker);
  }

  async #put(
    executionId: string,
    type: string,
    command: GuardedCommand | null,
    worker: string | null,
    parent: string | null = null,
  ): Promise<void> {
    await this.pool.query(
      `INSERT INTO noetl.event (execution_id, event_id, catalog_id, parent_execution_id, created_at, event_type, node_name,
        status, worker_id, meta)
      VALUES ($1, $2, $3, $4, clock_timestamp() AT TIME ZONE 'UTC', $5, $6, 'RUNNING', $7, $8)`,
      [
        executionId,
        nextIdAt(Date.now(), this.#layouts.get(executionId) ?? 'rust'),
        this.#catalogId,
        parent,
        type,
        command?.step ?? 'demo/runaway',
        worker,
        command ? { command_id: command.commandId } : null,
      ],
    );
  }
}
