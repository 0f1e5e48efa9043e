import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { runConsole } from '../../../source/ui/console/console.js';
import type { InputStream } from '../../../source/ui/terminal/input-source.js';
import type { OutputStream } from '../../../source/ui/terminal/terminal-output.js';
import { staleRow } from '../helpers/executions.js';
import { FakeFeed } from '../helpers/fake-feed.js';
import { FakeServices } from '../helpers/fake-services.js';

/** Streams that say that they are terminals, and keep what was written. */
function streams() {
  const stdin = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode: () => stdin,
    ref: () => stdin,
    unref: () => stdin,
  });
  const written: string[] = [];
  const stdout = Object.assign(new EventEmitter(), {
    isTTY: true,
    columns: 100,
    rows: 30,
    write: (text: string, ...rest: unknown[]) => {
      written.push(text);
      const done = rest.find((one) => typeof one === 'function');
      if (typeof done === 'function') done();
      return true;
    },
  });
  return { stdin, stdout, written: () => written.join('') };
}

async function until(holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error('waited in vain');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const begin = (feed = new FakeFeed([staleRow('201', 'orphaned')])) => {
  const fake = new FakeServices(feed);
  const { stdin, stdout, written } = streams();
  const ended = runConsole({
    services: fake.services,
    describe: fake.describe,
    feed,
    cancelledBy: 'ann@ops',
    source: 'noetl-console/test',
    keys: { nonsense: 'x' },
    stdin: stdin as unknown as InputStream,
    stdout: stdout as unknown as OutputStream,
    env: {},
  });
  return { feed, fake, stdin, written, ended };
};

describe('the console as a whole', () => {
  it('starts the feed, draws, leaves on q, stops the feed, and says what was odd in the config', async () => {
    const { feed, stdin, written, ended } = begin();
    await until(() => written().includes('201'));
    expect(feed.isRunning).toBe(true);
    stdin.write('q');
    expect(await ended).toMatchObject({ terminal: { reason: 'quit' }, batches: [], keyProblems: [expect.any(String)] });
    expect(feed.isRunning).toBe(false);
    expect(feed.listeners.size).toBe(0);
  });

  it('on Ctrl-C in the middle of a batch stops it, waits for what is being written, and tells what was cancelled', async () => {
    const { fake, stdin, written, ended } = begin();
    await until(() => written().includes('201'));
    stdin.write('c');
    await until(() => fake.plans.length === 2);
    await until(() => written().includes('Nothing is written until'));
    stdin.write('why');
    stdin.write('\r');
    await until(() => written().includes('Enter cancels'));
    stdin.write('\r');
    await until(() => fake.runs.length === 1);
    stdin.write('\u0003');
    await until(() => fake.runs[0]?.options.signal?.aborted === true);
    const [run] = fake.runs;
    if (run) fake.finish(run);
    expect(await ended).toMatchObject({
      terminal: { reason: 'signal', signal: 'SIGINT', exitCode: 130 },
      batches: [{ cancelled: ['201'], interrupted: true }],
    });
  });
});
