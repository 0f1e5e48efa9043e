import { type Engine, type Future, FutureRun, HOUR, MINUTE, MORTAL, SECOND } from './engine.js';

type Scenario = (engine: Engine) => Future[];
const STACKS = ['python', 'rust'] as const;

const begin = (engine: Engine, stack = engine.random.pick(STACKS), parent: FutureRun | null = null): FutureRun => {
  const at = parent ? parent.at + engine.between(50, 3 * SECOND) : engine.from + engine.between(0, 5 * HOUR);
  return new FutureRun(engine, stack, at, parent?.id ?? null).steps(parent ? 0 : engine.random.whole(0, 3));
};

/** An ordinary run: what befalls it depends on when it runs (an outage, a queue), and its end comes late under load. */
export const HEALTHY: Scenario = (engine) => [begin(engine).steps(engine.random.whole(1, 4)).end().as('ordinary run')];

/** What else happens, by name. What is stuck at the end is stuck for ever. */
export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'long tool': (engine) => [
    begin(engine)
      .step('load', engine.between(5 * MINUTE, 2 * HOUR))
      .steps(1)
      .end()
      .as('long tool'),
  ],
  callback: (engine) => [
    begin(engine)
      .step('approve', 500, { callbackMs: engine.between(5 * MINUTE, 4 * HOUR) })
      .steps(1)
      .end()
      .as('callback'),
  ],
  'failed run': (engine) => [begin(engine, 'python').step('load', 900, { fails: true }).end('failed').as('failed run')],
  'python parent waits': (engine) => {
    const parent = begin(engine, 'python').steps(1);
    const child = begin(engine, 'python', parent)
      .step('load', engine.between(SECOND, 90 * MINUTE))
      .end();
    parent.after(child).steps(1).end();
    return [parent.as('python parent'), child.as('child')];
  },
  'rust parent polls': (engine) => {
    const parent = begin(engine, 'rust');
    const child = begin(engine, 'rust', parent).steps(2).end();
    const polls = Math.max(SECOND, child.at - parent.at) + engine.between(0, 2 * SECOND);
    parent.step('sub', child.isLost ? 5 * HOUR : polls);
    if (child.isLost) parent.forget();
    return [parent.steps(1).end().as('rust parent'), child.as('child')];
  },
  'three deep': (engine) => {
    const root = begin(engine, 'python').steps(1);
    const middle = begin(engine, 'python', root).steps(1);
    const leaf = begin(engine, 'python', middle).step('load', engine.between(MINUTE, HOUR)).end();
    middle.after(leaf).end();
    root.after(middle).end();
    return [root.as('root'), middle.as('middle'), leaf.as('leaf')];
  },
  'held by the worker that dies': (engine) => {
    const at = engine.mortalDiesAt - engine.between(5 * SECOND, 5 * MINUTE);
    const run = new FutureRun(engine, engine.random.pick(STACKS), at);
    return [
      run
        .step('load', 6 * MINUTE, { worker: MORTAL })
        .steps(1)
        .end()
        .as('held by the worker that dies'),
    ];
  },
  'never delivered (rust)': (engine) => [
    begin(engine, 'rust').step('load', 0, { upTo: 'issued' }).as('never delivered'),
  ],
  'failed step without an end (rust)': (engine) => [
    begin(engine, 'rust').step('load', 900, { fails: true }).forget().as('failed step without an end'),
  ],
  'forgotten by the engine': (engine) => [begin(engine).steps(1).forget().as('forgotten')],
  orphan: (engine) => {
    const parent = begin(engine, 'rust').steps(1);
    const child = begin(engine, 'rust', parent).step('load', 0, { upTo: 'issued' });
    return [parent.steps(1).end().as('parent that ended'), child.as('orphan')];
  },
};

/**
 * What makes the queue: every worker claims a short command of it every other minute, and takes them in their order.
 * (Workers that are each at one tool for longer than the threshold are not busy by the rule: docs/staleness.md.)
 */
const crowd = (engine: Engine): Future[] =>
  engine.workersAt(engine.queueFrom).flatMap((worker) =>
    Array.from({ length: 50 }, (_, minute) => {
      const run = new FutureRun(engine, engine.random.pick(STACKS), engine.queueFrom + (minute - 12) * MINUTE);
      return run
        .step('load', 20 * SECOND, { worker })
        .end()
        .as('one of a crowd');
    }),
  );

/** A day of an engine: ordinary runs and so many of each other scenario. */
export function dayOf(engine: Engine, { ordinary, ofEach }: { ordinary: number; ofEach: number }): Future[] {
  const day = [...crowd(engine), ...Array.from({ length: ordinary }, () => HEALTHY(engine)).flat()];
  for (const scenario of Object.values(SCENARIOS)) {
    for (let count = 0; count < ofEach; count++) day.push(...scenario(engine));
  }
  return day;
}
