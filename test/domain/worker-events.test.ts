import { describe, expect, it } from 'vitest';
import type { CommandEvent } from '../../source/domain/command-state.js';
import {
  decideWorkerEvent,
  defaultWorkerEventStatus,
  isCommandEventType,
  skippedCommandEvent,
  workerEvent,
} from '../../source/domain/worker-protocol.js';

const command = { executionId: '1', commandId: 'c', step: 'load', workerId: 'w1' };

/** The command's events so far: `type` or `type by worker`, in order. */
const log = (...entries: string[]): CommandEvent[] =>
  entries.map((entry, index) => {
    const [type, workerId = null] = entry.split(' by ');
    return { eventId: String(index + 1), type: `command.${type}`, commandKey: 'c', node: 'load', workerId, at: index };
  });

const decide = (type: string, known: CommandEvent[], cancelled = false) =>
  decideWorkerEvent(workerEvent(command, `command.${type}`), known, cancelled).kind;

describe('a claim', () => {
  it('is for commands that nobody has, of executions that run', () => {
    expect(decide('claimed', [])).toBe('append');
    expect(decide('claimed', log('issued'))).toBe('append');
    expect(decide('claimed', log('issued', 'claimed by w2', 'failed by w2', 'issued'))).toBe('append');
    expect(decide('claimed', log('issued'), true)).toBe('refused');
    expect(decide('claimed', log('issued', 'claimed by w2'))).toBe('refused');
    expect(decide('claimed', log('issued', 'claimed by w2', 'started by w2'))).toBe('refused');
    for (const end of ['completed', 'failed', 'cancelled']) {
      expect(decide('claimed', log('issued', `${end} by w2`))).toBe('refused');
    }
  });

  it('can be sent again, also once the execution is cancelled', () => {
    expect(decide('claimed', log('issued', 'claimed by w1'))).toBe('duplicate');
    expect(decide('claimed', log('issued', 'claimed by w1'), true)).toBe('duplicate');
    expect(decide('claimed', log('issued', 'claimed by w1', 'started by w1'))).toBe('refused');
  });
});

describe('a skip', () => {
  it('is written once', () => {
    expect(decide('cancelled', log('issued'), true)).toBe('append');
    expect(decide('cancelled', log('issued', 'claimed by w1'), true)).toBe('append');
    expect(decide('cancelled', [], true)).toBe('append');
    expect(
      decideWorkerEvent(workerEvent(command, 'command.cancelled'), log('issued', 'cancelled by w2'), true),
    ).toEqual({
      kind: 'duplicate',
      eventId: '2',
    });
    expect(
      decideWorkerEvent(
        workerEvent(command, 'command.cancelled'),
        log('issued', 'cancelled by w2', 'claimed by w1'),
        true,
      ),
    ).toEqual({ kind: 'duplicate', eventId: '2' });
  });

  it('must be true', () => {
    expect(decide('cancelled', log('issued'), false)).toBe('refused');
    expect(decide('cancelled', log('issued', 'claimed by w2'), true)).toBe('refused');
    expect(decide('cancelled', log('issued', 'claimed'), true)).toBe('refused');
    expect(decide('cancelled', log('issued', 'claimed by w1', 'completed by w1'), true)).toBe('refused');
  });
});

describe('what a worker tells of its own work', () => {
  it.each(['started', 'heartbeat', 'completed', 'failed'])('is written for the holder: command.%s', (type) => {
    expect(decide(type, log('issued', 'claimed by w1'))).toBe('append');
    expect(decide(type, log('issued', 'claimed by w1'), true)).toBe('append');
    expect(decide(type, log('issued', 'claimed by w1', 'started by w1', 'heartbeat by w1'))).toBe('append');
  });

  it.each(['completed', 'failed'])('is refused from anybody else: command.%s', (type) => {
    for (const cancelled of [false, true]) {
      expect(decide(type, [], cancelled)).toBe('refused');
      expect(decide(type, log('issued'), cancelled)).toBe('refused');
      expect(decide(type, log('issued', 'claimed by w2'), cancelled)).toBe('refused');
      expect(decide(type, log('issued', 'claimed'), cancelled)).toBe('refused');
      expect(decide(type, log('issued', 'claimed by w2', 'started by w2'), cancelled)).toBe('refused');
      // The start of a worker that has no claim does not make it the holder.
      expect(decide(type, log('issued', 'claimed by w2', 'started by w1'), cancelled)).toBe('refused');
      expect(decide(type, log('issued', 'started by w1'), cancelled)).toBe('refused');
      // Issued again since: the old claim is over.
      expect(decide(type, log('issued', 'claimed by w1', 'issued'), cancelled)).toBe('refused');
      expect(decide(type, log('issued', 'claimed by w1', 'issued', 'claimed by w2'), cancelled)).toBe('refused');
      expect(decide(type, log('issued', 'claimed by w1', 'cancelled by w1'), cancelled)).toBe('refused');
    }
    const unnamed = { ...workerEvent(command, `command.${type}`), workerId: null };
    expect(decideWorkerEvent(unnamed, log('issued', 'claimed'), false).kind).toBe('refused');
    expect(decideWorkerEvent(unnamed, log('issued', 'claimed by w1'), false).kind).toBe('refused');
  });

  it('an end is safe to send twice and cannot be changed', () => {
    const over = log('issued', 'claimed by w1', 'completed by w1');
    expect(decideWorkerEvent(workerEvent(command, 'command.completed'), over, false)).toEqual({
      kind: 'duplicate',
      eventId: '3',
    });
    expect(decide('failed', over)).toBe('refused');
    expect(decide('completed', log('issued', 'claimed by w1', 'failed by w1', 'issued', 'claimed by w1'))).toBe(
      'append',
    );
  });

  it.each(['started', 'heartbeat'])('a worker without the claim cannot report command.%s over another', (type) => {
    expect(decide(type, log('issued', 'claimed by w2'))).toBe('refused');
    expect(decide(type, log('issued', 'claimed by w2', 'completed by w2'))).toBe('refused');
    expect(decide(type, log('issued'))).toBe('append');
  });
});

describe('the events themselves', () => {
  it('carry what NoETL’s workers write', () => {
    expect(workerEvent(command, 'command.claimed')).toEqual({
      ...command,
      eventType: 'command.claimed',
      status: 'RUNNING',
      context: null,
      meta: { command_id: 'c', worker_id: 'w1', actionable: false, informative: true },
    });
    expect(workerEvent(command, 'command.completed', { status: 'success', context: { rows: 1 } })).toMatchObject({
      status: 'success',
      context: { rows: 1 },
      meta: { actionable: true },
    });
    expect(skippedCommandEvent({ ...command, at: 'after-claim' })).toMatchObject({
      eventType: 'command.cancelled',
      status: 'CANCELLED',
      meta: { reason: 'execution cancelled', cancelled_at_point: 'after-claim', actionable: false },
    });
    expect(isCommandEventType('command.heartbeat')).toBe(true);
    expect(isCommandEventType('execution.cancelled')).toBe(false);
    expect(defaultWorkerEventStatus('command.odd')).toBe('RUNNING');
  });
});
