import { describe, expect, test } from 'vitest';
import type { EventRecord } from '../../source/demo/engine/event-row.js';
import { tellHistory } from '../../source/demo/engine/history.js';
import { stackOfStartType, TERMINAL_TYPES } from '../../source/domain/event-types.js';
import { layoutOf } from '../../source/domain/snowflake.js';
import { groupByExecution, livesOf } from './event-groups.js';

const NOW = Date.UTC(2026, 6, 14, 9, 37, 12, 345);
const history = tellHistory(7, NOW);
const executions = groupByExecution(history);
const timeOf = (record: EventRecord): number => Date.parse(`${record.created_at}Z`);
const types = (events: readonly EventRecord[]): string[] => events.map((event) => event.event_type);

/** Executions that an engine wrote, by stack; the strange ones are nobody's. */
const strange = new Set(
  [...executions]
    .filter(([, events]) => events.every((event) => event.event_type !== 'command.issued'))
    .map(([id]) => id),
);
const ofStack = (stack: 'python' | 'rust'): EventRecord[][] =>
  [...executions]
    .filter(([id, events]) => !strange.has(id) && stackOfStartType(events[0]!.event_type) === stack)
    .map(([, events]) => events);

describe('a seed', () => {
  test('tells the same history again, to the letter', () => {
    expect(tellHistory(7, NOW).records).toEqual(history.records);
  });

  test('gives the same ids to demos that start within one hour, and moves only their times', () => {
    const later = tellHistory(7, NOW + 11 * 60_000);
    expect(later.records.map((record) => record.event_id)).toEqual(history.records.map((record) => record.event_id));
    expect(later.records.map(timeOf)).toEqual(history.records.map((record) => timeOf(record) + 11 * 60_000));
  });

  test('differs from another seed', () => {
    expect(types(tellHistory(8, NOW).records)).not.toEqual(types(history.records));
  });

  test('tells several hundred finished executions, some dozens that are not, and some cancelled', () => {
    const all = [...executions.values()];
    const count = (test: (events: EventRecord[]) => boolean) => all.filter(test).length;
    const terminal = new Set<string>(TERMINAL_TYPES);
    expect(count((events) => events.some((event) => terminal.has(event.event_type)))).toBeGreaterThan(200);
    expect(count((events) => !events.some((event) => terminal.has(event.event_type)))).toBeGreaterThan(40);
    expect(count((events) => types(events).includes('execution.cancelled'))).toBeGreaterThan(8);
  });
});

describe('ids', () => {
  test("are in their stack's own layout and ascend strictly; Rust chains all of an execution's rows, Python none", () => {
    for (const stack of ['python', 'rust'] as const) {
      for (const events of ofStack(stack)) {
        let previous: EventRecord | null = null;
        for (const event of events) {
          expect(layoutOf(BigInt(event.event_id), timeOf(event))).toBe(stack === 'rust' ? 'rust' : 'database');
          expect(event.prev_event_id).toBe(stack === 'rust' ? (previous?.event_id ?? null) : null);
          if (previous) expect(BigInt(event.event_id)).toBeGreaterThan(BigInt(previous.event_id));
          previous = event;
        }
      }
    }
  });

  test('of inline Python children are below 10^18 and name no time; the parent is in meta alone', () => {
    const inline = [...executions].filter(([, events]) => events.some((event) => event.meta?.inlined_in_parent));
    expect(inline.length).toBeGreaterThan(0);
    for (const [id, events] of inline) {
      expect(BigInt(id)).toBeLessThan(10n ** 18n);
      expect(executions.has(String(events[0]!.meta?.inlined_in_parent))).toBe(true);
      expect(events.every((event) => event.parent_execution_id === undefined)).toBe(true);
    }
  });
});

describe('a Rust execution', () => {
  test('begins with playbook_started, which alone names the parent, and ends with playbook.completed', () => {
    const completed = ofStack('rust').filter((events) => types(events).includes('playbook.completed'));
    expect(completed.some((events) => events[0]!.parent_execution_id)).toBe(true);
    for (const events of completed) {
      expect(events[0]).toMatchObject({ event_type: 'playbook_started', status: 'STARTED', node_id: 'playbook' });
      expect(events[0]).toMatchObject({ node_type: 'execution', meta: { emitter: 'control_plane' } });
      expect(events[0]!.node_name).toBe(events[0]!.context?.path);
      expect(events.slice(1).every((event) => event.parent_execution_id === undefined)).toBe(true);
      expect(events.at(-1)).toMatchObject({
        event_type: 'playbook.completed',
        node_name: 'playbook',
        status: 'COMPLETED',
      });
    }
  });

  test('takes each command through its life, named in meta', () => {
    const lives = ofStack('rust').flatMap((events) =>
      livesOf(events, (event) => (event.meta?.command_id === undefined ? null : String(event.meta.command_id))),
    );
    expect(lives.length).toBeGreaterThan(500);
    for (const life of lives)
      expect(life).toMatch(
        /^issued:PENDING( cancelled:CANCELLED| claimed:RUNNING started:STARTED( call\.done:COMPLETED completed:success| call\.done:FAILED failed:FAILED| completed:success)?)?$/,
      );
    expect(lives.some((life) => life.endsWith('started:STARTED completed:success'))).toBe(true);
  });

  test('enters each later step before its commands', () => {
    for (const events of ofStack('rust')) {
      const [first, ...later] = [
        ...new Set(events.filter((event) => event.event_type === 'command.issued').map((e) => e.node_name)),
      ];
      expect(first).toBeDefined();
      for (const step of later) {
        const mine = events.filter((event) => event.node_name === step);
        expect(mine[0]).toMatchObject({
          event_type: 'step.enter',
          status: 'ENTERED',
          meta: { emitted_by: 'orchestrator' },
        });
      }
    }
  });
});

describe('a failure', () => {
  const failures = (stack: 'python' | 'rust') =>
    ofStack(stack).flatMap((events) => events.filter((event) => event.event_type === 'command.failed'));
  const textOf = (event: EventRecord) => (event.result?.context as { error?: string } | undefined)?.error;

  test('has its text in error and in result.context.error if Python wrote it, in the second alone if Rust did', () => {
    for (const event of failures('python')) expect(textOf(event)).toBe(event.error);
    for (const event of failures('rust')) expect(event.error).toBeUndefined();
    for (const event of [...failures('python'), ...failures('rust')]) expect(textOf(event)).toMatch(/\w/);
    expect(failures('python').length).toBeGreaterThan(0);
    expect(failures('rust').length).toBeGreaterThan(0);
  });

  test('may have no end at all in Rust: call.done FAILED, command.failed, then nothing', () => {
    const endless = ofStack('rust').filter((events) => events.at(-1)!.event_type === 'command.failed');
    expect(endless.length).toBeGreaterThanOrEqual(2);
    for (const events of endless) {
      expect(types(events).slice(-2)).toEqual(['call.done', 'command.failed']);
      expect(events.at(-2)!.status).toBe('FAILED');
    }
  });
});

describe('a Python execution', () => {
  test("ends in workflow.completed and playbook.completed, in lower case, and then the transport's batch.completed", () => {
    const completed = ofStack('python').filter((events) => types(events).includes('playbook.completed'));
    expect(completed.length).toBeGreaterThan(20);
    for (const events of completed) {
      expect(types(events).slice(0, 3)).toEqual(['playbook.initialized', 'workflow.initialized', 'command.issued']);
      expect(types(events).slice(-3)).toEqual(['workflow.completed', 'playbook.completed', 'batch.completed']);
      expect(events.slice(-3).map(({ status }) => status)).toEqual(['completed', 'completed', 'COMPLETED']);
      expect(events[0]!.status).toBe('initialized');
    }
  });

  test("writes a step as recorded: each of the worker's reports in a batch, the next step issued inside the second", () => {
    const events = ofStack('python').find(
      ([first, ...rest]) =>
        first!.context?.path === 'analytics/sessionize' && types(rest).includes('playbook.completed'),
    );
    expect(types(events!).slice(2, 16)).toEqual([
      'command.issued',
      'command.claimed',
      'command.started',
      'step.enter',
      'batch.accepted',
      'batch.processing',
      'batch.completed',
      'call.done',
      'step.exit',
      'command.completed',
      'batch.accepted',
      'batch.processing',
      'command.issued',
      'batch.completed',
    ]);
    for (const event of events!.filter(({ event_type }) => event_type.startsWith('batch.')))
      expect(event).toMatchObject({
        node_id: 'events.batch',
        node_name: 'events.batch',
        worker_id: expect.any(String),
      });
  });

  test('takes each command through its life: the id in meta as a number, and in the column but on a claim', () => {
    const named = ofStack('python')
      .flat()
      .filter((event) => event.meta?.command_id !== undefined);
    for (const event of named) {
      const id = event.meta?.command_id;
      if (event.event_type !== 'command.cancelled') expect(typeof id).toBe('bigint');
      expect(event.command_id).toBe(event.event_type === 'command.claimed' ? undefined : String(id));
    }
    const claims = named.filter((event) => event.event_type === 'command.claimed');
    expect(claims.every((event) => event.worker_id)).toBe(true);
    for (const execution of ofStack('python'))
      for (const life of livesOf(execution, (event) => (event.meta?.command_id ? String(event.meta.command_id) : null)))
        expect(life).toMatch(
          /^issued:PENDING( cancelled:CANCELLED|( claimed:RUNNING started:RUNNING)+( call\.done:COMPLETED step\.exit:COMPLETED completed:COMPLETED| call\.error:FAILED step\.exit:COMPLETED failed:FAILED| completed:COMPLETED)?)?$/,
        );
  });

  test('names its parent on start, lifecycle and issued rows only', () => {
    const children = ofStack('python').filter((events) => events[0]!.parent_execution_id !== undefined);
    expect(children.length).toBeGreaterThan(0);
    for (const event of children.flat()) {
      const names = /^(playbook|workflow)\.(init|comp|fail)|^command\.issued/.test(event.event_type);
      expect(event.parent_execution_id !== undefined).toBe(names);
    }
  });
});

test('a child begins between its parent’s command.started and call.done', () => {
  let checked = 0;
  for (const events of executions.values()) {
    for (const done of events) {
      const childId = done.event_type === 'call.done' ? done.result?.context : undefined;
      if (typeof childId !== 'object' || childId === null || !('execution_id' in childId)) continue;
      const child = executions.get(String(childId.execution_id))!;
      const key = String(done.meta?.command_id);
      const started = events.find(
        (event) => event.event_type === 'command.started' && String(event.meta?.command_id) === key,
      );
      expect(timeOf(child[0]!)).toBeGreaterThan(timeOf(started!));
      expect(timeOf(child.at(-1)!)).toBeLessThanOrEqual(timeOf(done));
      checked++;
    }
  }
  expect(checked).toBeGreaterThan(30);
});

test('an imported cohort shares one ingest_time, long after its rows were written', () => {
  const ingestTimes = new Map<string, Set<string>>();
  for (const record of history.records) {
    if (Date.parse(record.ingest_time) - timeOf(record) < 3_600_000) continue;
    ingestTimes.set(record.ingest_time, (ingestTimes.get(record.ingest_time) ?? new Set()).add(record.execution_id));
  }
  expect([...ingestTimes.values()].map((ids) => ids.size)).toEqual([9]);
});

describe('a cancelled execution', () => {
  const cancelled = [...executions.values()].filter((events) => types(events).includes('execution.cancelled'));

  test('carries both rows if Rust began it and one if Python did, with the reason in meta and context', () => {
    for (const events of cancelled) {
      const rows = events.filter((event) => event.event_type.endsWith('.cancelled') && event.node_name === 'cancel');
      const rust = stackOfStartType(events[0]!.event_type) === 'rust';
      if (rows.length > 0)
        expect(types(rows)).toEqual(rust ? ['playbook.cancelled', 'execution.cancelled'] : ['execution.cancelled']);
      for (const row of rows) expect(row.meta?.reason).toBe(row.context?.reason);
    }
  });

  test('leaves nothing in a worker’s hands; Python issues one more command for each that ended, and no claim follows', () => {
    let afterwards = 0;
    for (const events of cancelled) {
      const at = types(events).findIndex((type) => type.endsWith('.cancelled') && type !== 'command.cancelled');
      const rest = types(events.slice(at));
      const issued = rest.filter((type) => type === 'command.issued').length;
      const lives = livesOf(events, (event) => (event.meta?.command_id ? String(event.meta.command_id) : null));
      expect(rest).not.toContain('command.claimed');
      for (const life of lives) expect(life).not.toMatch(/(claimed|started):\w+$/);
      const open = lives.filter((life) => life === 'issued:PENDING').length;
      if (stackOfStartType(events[0]!.event_type) === 'rust') expect(issued).toBe(0);
      else expect(issued).toBeLessThanOrEqual(rest.filter((type) => type === 'command.completed').length);
      expect(open).toBe(issued);
      afterwards += issued;
    }
    expect(afterwards).toBeGreaterThan(0);
  });

  test('may have ended otherwise too: in spite of the cancel, or before it', () => {
    const kinds = cancelled.map((events) =>
      types(events)
        .filter((type) => /^playbook[._](completed|failed)$/.test(type))
        .join(),
    );
    expect(kinds).toContain('playbook.completed');
    expect(kinds).toContain('playbook.failed');
  });
});
