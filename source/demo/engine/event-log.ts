import type pg from 'pg';
import type { CommandEvent } from '../../domain/command-state.js';
import {
  CANCELLED_TYPES,
  COMMAND_TYPES,
  isCommandHeld,
  isStartType,
  TERMINAL_TYPES,
} from '../../domain/event-types.js';
import { executionStatus } from '../../domain/execution-status.js';
import {
  type CancellationCheck,
  decideWorkerEvent,
  type WorkerEvent,
  type WorkerEventResult,
} from '../../domain/worker-protocol.js';
import { databaseCancellationCheck } from '../../store/worker/ports.js';
import { quoteIdentifier } from '../schema.js';
import { closeCommands, projectCommands, writeDrive } from './command-table.js';
import { type EventDraft, type IdSource, insertEvents, placeEvent } from './event-row.js';
import type { ExecutionRun } from './execution-run.js';
import { writtenAfterCancel } from './stack-form.js';

/** What the log says of an execution, read under its lock. */
interface LogFacts {
  readonly lastEventId: bigint | null;
  readonly cancelled: boolean;
  readonly ended: boolean;
}

type Client = pg.PoolClient;

/**
 * The event table as the demo's servers write it: one writer at a time for an execution, each event above all earlier
 * ones and chained to the last. It takes the lock that a console's cancel takes, so that a cancel has a definite place.
 */
export class EventLog {
  /** The guard's port: what the events say of an execution. */
  readonly check: CancellationCheck;
  private readonly table: string;

  constructor(
    private readonly pool: pg.Pool,
    private readonly schemaName: string,
    private readonly ids: IdSource,
  ) {
    this.check = databaseCancellationCheck({ pool, schema: schemaName });
    this.table = `${quoteIdentifier(schemaName)}.event`;
  }

  /** Appends an execution's events; once it is cancelled, only what its stack still writes then. */
  append(run: ExecutionRun, drafts: readonly EventDraft[]): Promise<{ cancelled: boolean }> {
    return this.locked(run, async (client, facts) => {
      const stopped = facts.cancelled || (facts.ended && !startsExecution(drafts));
      await this.insert(client, run, stopped ? writtenAfterCancel(drafts, run.form.stack) : drafts, facts);
      return { cancelled: facts.cancelled };
    });
  }

  /**
   * Claims a command: false when the execution is cancelled or another worker was first. One that was `handedOn` is
   * claimed again, whoever had it before: the server has given that worker up.
   */
  claim(run: ExecutionRun, event: WorkerEvent, drafts: readonly EventDraft[], handedOn = false): Promise<boolean> {
    return this.locked(run, async (client, facts) => {
      const known = await this.commandEvents(client, run, event.commandId);
      const binding = handedOn ? known.filter(({ type }) => !isCommandHeld(type)) : known;
      const decision = decideWorkerEvent(event, binding, facts.cancelled);
      if (decision.kind === 'append') await this.insert(client, run, drafts, facts);
      return decision.kind === 'append';
    });
  }

  /** Writes that a worker skipped a command, once. */
  skip(run: ExecutionRun, event: WorkerEvent, draft: EventDraft): Promise<WorkerEventResult> {
    return this.locked(run, async (client, facts) => {
      const known = await this.commandEvents(client, run, event.commandId);
      const decision = decideWorkerEvent(event, known, facts.cancelled);
      if (decision.kind !== 'append') return decision;
      return { kind: 'appended', eventId: await this.insert(client, run, [draft], facts) };
    });
  }

  /** Which of these executions have been cancelled. */
  async cancelledAmong(executionIds: readonly string[]): Promise<Set<string>> {
    const { rows } = await this.pool.query<{ execution_id: string }>(
      `SELECT DISTINCT execution_id FROM ${this.table} WHERE execution_id = ANY($1) AND event_type = ANY($2)`,
      [executionIds, CANCELLED_TYPES],
    );
    return new Set(rows.map((row) => row.execution_id));
  }

  /** Marks the commands of cancelled executions in the projection that the reaper goes by. */
  closeCommands(executionIds: readonly string[]): Promise<void> {
    return closeCommands(this.pool, this.schemaName, executionIds);
  }

  private async locked<T>(run: ExecutionRun, work: (client: Client, facts: LogFacts) => Promise<T>): Promise<T> {
    const client = await this.pool.connect();
    let failure: Error | undefined;
    try {
      await client.query('BEGIN');
      await client.query(LOCK_EXECUTION, [run.identity.executionId]);
      const answer = await work(client, await this.facts(client, run));
      await client.query('COMMIT');
      return answer;
    } catch (error) {
      failure = error instanceof Error ? error : new Error(String(error));
      throw error;
    } finally {
      // A connection that failed inside its transaction is closed, which ends the transaction too.
      client.release(failure);
    }
  }

  private async facts(client: Client, run: ExecutionRun): Promise<LogFacts> {
    const { rows } = await client.query<{ last: string | null; types: string[] }>(
      `SELECT (SELECT max(event_id) FROM ${this.table} WHERE execution_id = $1) AS last,
        ARRAY(SELECT event_type::text FROM ${this.table} WHERE execution_id = $1 AND event_type = ANY($2)) AS types`,
      [run.identity.executionId, TERMINAL_TYPES],
    );
    const { last = null, types = [] } = rows[0] ?? {};
    const { ends } = executionStatus(types);
    return {
      lastEventId: last === null ? null : BigInt(last),
      cancelled: ends.includes('CANCELLED'),
      ended: ends.length > 0,
    };
  }

  private async commandEvents(client: Client, run: ExecutionRun, commandId: string): Promise<CommandEvent[]> {
    const { rows } = await client.query<{
      id: string;
      type: string;
      node: string | null;
      worker: string | null;
      at: number;
    }>(
      `SELECT event_id AS id, event_type AS type, node_name AS node, coalesce(worker_id, meta->>'worker_id') AS worker,
        (extract(epoch FROM created_at) * 1000)::float8 AS at
      FROM ${this.table} WHERE execution_id = $1 AND event_type = ANY($3) AND meta ? 'command_id'
        AND meta->>'command_id' = $2`,
      [run.identity.executionId, commandId, COMMAND_TYPES],
    );
    return rows.map(({ id, type, node, worker, at }) => ({
      eventId: id,
      type,
      commandKey: commandId,
      node,
      workerId: worker,
      at,
    }));
  }

  private async insert(client: Client, run: ExecutionRun, drafts: readonly EventDraft[], facts: LogFacts) {
    const { executionId, catalogId } = run.identity;
    let previous = facts.lastEventId;
    const records = drafts.map((draft) => {
      const drawn = this.ids.at(draft.at, run.form.layout);
      const eventId: bigint = previous !== null && drawn <= previous ? previous + 1n : drawn;
      const record = placeEvent(draft, { executionId, catalogId, eventId, previous, stack: run.form.stack });
      previous = eventId;
      return record;
    });
    if (records.length > 0) {
      await insertEvents(client, this.schemaName, records);
      await projectCommands(client, this.schemaName, records);
    }
    const driven = run.form.stack === 'rust' && records.find(({ event_type }) => DRIVES.has(event_type));
    if (driven) {
      const commandId = this.ids.at(Date.now(), 'rust');
      await writeDrive(client, this.schemaName, { commandId, executionId, catalogId, eventId: driven.event_id });
    }
    return String(previous ?? '');
  }
}

/** What a Rust server drives an execution on. */
const DRIVES: ReadonlySet<string> = new Set(['playbook_started', 'command.completed', 'command.failed']);

const startsExecution = (drafts: readonly EventDraft[]): boolean => isStartType(drafts[0]?.event_type ?? null);

/**
 * The advisory lock under which the console appends a cancel, taken here by the demo's servers too, so that a cancel has
 * a definite place among an execution's events. Real servers take none; a test holds this one to the store's.
 */
export const LOCK_EXECUTION = "SELECT pg_advisory_xact_lock(x'6e6f6574'::int, ($1::bigint % 2147483647)::int)";
