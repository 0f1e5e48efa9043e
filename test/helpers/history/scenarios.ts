import type { Random } from '../../../source/demo/engine/random.js';
import { type HistoryExecution, type Naming, Run } from './run.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** The workers of a history: who beats and who has gone. `worker-gone-*` have no row in noetl.runtime. */
export const LIVE_WORKERS = ['worker-1', 'worker-2', 'worker-3'] as const;
export const SILENT_WORKERS = ['worker-7', 'worker-8'] as const;
const GONE_WORKERS = ['worker-gone-1', 'worker-gone-2'] as const;

/** The dice and the clock that scenarios are made with. */
export class Setting {
  constructor(
    readonly random: Random,
    readonly now: number,
    /** Whole steps before anything happens, at most. */
    readonly steps: number,
  ) {}

  run(parent: string | null = null, inlined = false, stack = this.random.pick(['rust', 'python'] as const)): Run {
    const naming = this.random.pick<Naming>(['meta', 'meta', 'meta', 'column', 'node']);
    const bornAt = this.now - this.random.whole(3 * HOUR, 90 * 24 * HOUR);
    return new Run(stack, bornAt, naming, parent, inlined).steps(this.random.whole(1, this.steps));
  }
  /** A time that makes an execution silent for longer than the threshold; from `low` to `high` milliseconds ago. */
  ago(low: number, high: number): number {
    return this.now - this.random.whole(low, high);
  }
  old = (): number => this.ago(70 * MINUTE, 20 * 24 * HOUR);
  stale = (): number => this.ago(11 * MINUTE, 5 * 24 * HOUR);
  recent = (): number => this.ago(0, 8 * MINUTE);
  live = (): string => this.random.pick(LIVE_WORKERS);
  lost = (): string => this.random.pick([...SILENT_WORKERS, ...GONE_WORKERS]);
}

type Scenario = (setting: Setting) => HistoryExecution[];
const held = ['claimed', 'started', 'called'] as const;

/** Everything that a history holds, by name; the truth of each execution stands beside what makes it true. */
export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'completed, trailing events': (s) => [s.run().end().as('ended', 'completed', s.old())],
  'failed and cancelled': (s) => [
    s.run().end('playbook.failed', 'FAILED').as('ended', 'failed', s.old()),
    s.run().command('load', 'issued').end('execution.cancelled', 'CANCELLED').as('ended', 'cancelled', s.old()),
    s.run().end('execution.cancelled', 'CANCELLED').end().as('ended', 'cancelled, then completed', s.old()),
  ],
  'a failed step that was handled': (s) => [
    s
      .run()
      .command('load', 'failed', s.live())
      .steps(1)
      .end('workflow.completed')
      .as('ended', 'handled failure', s.old()),
  ],
  'busy now': (s) => [s.run().command('load', s.random.pick(held), s.live()).as('running', 'busy', s.recent())],
  'between two steps': (s) => [s.run().as('running', 'between steps', s.recent())],
  'long tool': (s) => [s.run().command('load', s.random.pick(held), s.live()).as('live-claim', 'long tool', s.stale())],
  'long tool beside a lost one': (s) => [
    s
      .run()
      .command('a', 'started', s.lost())
      .command('b', 'issued')
      .command('c', 'claimed', s.live())
      .as('live-claim', 'long tool among lost ones', s.stale()),
  ],
  callback: (s) => [
    s
      .run()
      .command('approve', 'completed', s.live(), { pendingCallback: true })
      .as('awaiting-callback', 'callback', s.stale()),
  ],
  'callback in an early step, others go on': (s) => [
    s
      .run()
      .command('approve', 'completed', s.lost(), { pendingCallback: true })
      .steps(2)
      .as('awaiting-callback', 'early callback', s.stale()),
  ],
  'callback answered, then forgotten': (s) => {
    const run = s.run().command('approve', 'completed', s.live(), { pendingCallback: true });
    return [answered(run).as('no-successor', 'answered callback', s.old())];
  },
  'parent polls a child at work': (s) => {
    const parent = s.run(null, false, 'rust').command('sub', 'started', s.live());
    const child = s.run(parent.id).command('load', 'started', s.live());
    return [parent.as('waiting-on-child', 'rust parent', s.stale()), child.as('running', 'child at work', s.recent())];
  },
  'parent without a command waits for a child': (s) => {
    const parent = s.run(null, false, 'python');
    const child = s.run(parent.id, s.random.next() < 0.3, 'python').command('load', 'started', s.live());
    return [parent.as('waiting-on-child', 'python parent', s.old()), child.as('running', 'child at work', s.recent())];
  },
  'three deep, the middle has ended': (s) => {
    const root = s.run();
    const middle = s.run(root.id).end();
    const leaf = s.run(middle.id).command('load', 'claimed', s.live());
    return [
      root.as('waiting-on-child', 'above an ended middle', s.old()),
      middle.as('ended', 'ended middle', s.old()),
      leaf.as('running', 'leaf at work', s.recent()),
    ];
  },
  'waits for a silent child that is healthy': (s) => {
    const parent = s.run(null, false, 'python');
    const child = s.run(parent.id);
    const callback = s.random.next() < 0.5;
    if (callback) child.command('approve', 'completed', s.live(), { pendingCallback: true });
    else child.command('load', 'started', s.live());
    return [
      parent.as(callback ? 'awaiting-callback' : 'live-claim', 'above a silent healthy child', s.old()),
      child.as(callback ? 'awaiting-callback' : 'live-claim', 'silent healthy child', s.stale()),
    ];
  },
  'child finished a moment ago': (s) => {
    const parent = s.run(null, false, 'python');
    return [
      parent.as('finalizing', 'its child just finished', s.old()),
      s.run(parent.id).end().as('ended', 'just finished', s.recent()),
    ];
  },
  'queued under an active parent': (s) => {
    const parent = s.run().command('fan', 'started', s.live());
    const child = s.run(parent.id).command('load', 'issued');
    return [parent.as('running', 'active parent', s.recent()), child.as('parent-active', 'queued child', s.stale())];
  },
  'being finalised': (s) => [s.run().as('finalizing', 'finalising', s.ago(11 * MINUTE, 58 * MINUTE))],
  'crashed worker': (s) => [
    s.run().command('load', s.random.pick(held), s.lost()).as('worker-lost', 'crashed worker', s.stale()),
  ],
  'lost early in a long loop': (s) => {
    const run = s.run().command('loop', 'started', s.lost());
    for (let item = 0; item < 20; item++) run.command('loop_other', 'completed', s.live());
    return [run.as('worker-lost', 'lost in a loop', s.stale())];
  },
  'nobody claims': (s) => [s.run().command('load', 'issued').as('never-claimed', 'never claimed', s.stale())],
  'retried, then nobody claims': (s) => [
    s
      .run()
      .command('load', 'failed', s.live(), { key: 900 })
      .command('load', 'issued', '', { key: 900 })
      .as('never-claimed', 'retry never claimed', s.stale()),
  ],
  orphan: (s) => {
    const parent = s.run().end(
      ...s.random.pick([
        ['playbook.completed', 'COMPLETED'],
        ['playbook.failed', 'FAILED'],
      ] as const),
    );
    const orphan = s.run(parent.id);
    if (s.random.next() < 0.5) orphan.command('load', 'issued');
    return [parent.as('ended', 'ended parent', s.old()), orphan.as('orphaned', 'orphan', s.stale())];
  },
  'tree whose workers crashed': (s) => {
    const parent = s.run(null, false, 'rust').command('sub', 'started', s.lost());
    const child = s.run(parent.id).command('load', 'claimed', s.lost());
    return [parent.as('worker-lost', 'crashed tree', s.stale()), child.as('worker-lost', 'crashed tree', s.stale())];
  },
  'imported cohort': (s) => {
    const loadedAt = s.ago(2 * HOUR, 30 * 24 * HOUR);
    return Array.from({ length: s.random.whole(2, 5) }, (_, index) => {
      const run = s.run();
      if (index % 2 === 0) run.command('load', 'issued');
      return run.as('imported', 'imported', loadedAt - s.random.whole(3 * HOUR, 200 * HOUR), loadedAt);
    });
  },
  'forgotten by the engine': (s) => [s.run().as('no-successor', 'forgotten', s.old())],
  'a word that nobody knows': (s) => [
    s.run().emit('subscription.opened', 'listen', null).as('unknown', 'unknown word', s.stale()),
  ],
};

function answered(run: Run): Run {
  const meta = { command_id: `${run.id}:approve` };
  return run.emit('call.done', 'approve', 'COMPLETED', { meta, after: 40_000 });
}
