import { PassThrough, Writable } from 'node:stream';
import { Text } from 'ink';
import { afterEach, describe, expect, it } from 'vitest';
import { type FullScreen, mountFullScreen } from '../../../source/ui/terminal/mount-full-screen.js';
import type { TerminalOutcome } from '../../../source/ui/terminal/outcome.js';

type Fakes = {
  readonly stdin: PassThrough & { isTTY: boolean; setRawMode: (mode: boolean) => void };
  readonly stdout: Writable & { isTTY: boolean; columns: number; rows: number };
  readonly rawModes: boolean[];
  readonly written: () => string;
};

let mounted: FullScreen | undefined;

afterEach(() => mounted?.unmount());

function fakes(isTTY = true): Fakes {
  const rawModes: boolean[] = [];
  let written = '';
  const stdin = Object.assign(new PassThrough(), { isTTY, setRawMode: (mode: boolean) => rawModes.push(mode) });
  const sink = new Writable({
    write(chunk, _encoding, done) {
      written += String(chunk);
      done();
    },
  });
  return { stdin, stdout: Object.assign(sink, { isTTY, columns: 40, rows: 5 }), rawModes, written: () => written };
}

function mount(streams: Fakes): Promise<TerminalOutcome> {
  mounted = mountFullScreen(<Text>hello</Text>, { stdin: streams.stdin, stdout: streams.stdout, env: {} });
  return mounted.waitUntilExit();
}

function timesLeft(streams: Fakes): number {
  return streams.written().split('\u001b[?1049l').length - 1;
}

describe('a terminal that goes away', () => {
  it('at the end of its input', async () => {
    const streams = fakes();
    const outcome = mount(streams);
    streams.stdin.end();
    expect(await outcome).toEqual({ reason: 'closed', exitCode: 129 });
    expect(timesLeft(streams)).toBe(1);
    expect(streams.rawModes.at(-1)).toBe(false);
  });

  it('by an error on its input', async () => {
    const streams = fakes();
    const outcome = mount(streams);
    streams.stdin.destroy(Object.assign(new Error('read EIO'), { code: 'EIO' }));
    expect(await outcome).toEqual({ reason: 'closed', exitCode: 129 });
  });

  it('by an error on its output, and later errors are no crash', async () => {
    const streams = fakes();
    const outcome = mount(streams);
    streams.stdout.emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    expect(await outcome).toEqual({ reason: 'closed', exitCode: 129 });
    expect(() => streams.stdout.emit('error', new Error('write EIO'))).not.toThrow();
  });
});

describe('the title', () => {
  const PUSH = '\u001b[22;2t';
  const POP = '\u001b[23;2t';

  it('is set in visible text, and the one of before comes back however the screen is left', async () => {
    const streams = fakes();
    const outcome = mount(streams);
    mounted?.terminal.setTitle('3 stale \u0007\u001b]52;c;x');
    mounted?.terminal.setTitle('4 stale');
    mounted?.terminal.bell();
    streams.stdin.end();
    await outcome;
    const written = streams.written();
    expect(written).toContain(`${PUSH}\u001b]2;3 stale ␇␛]52;c;x\u001b\\`);
    expect(written).toContain('\u001b]2;4 stale\u001b\\\u0007');
    expect(written.split(PUSH).length).toBe(2);
    // A terminal without the stack keeps no title of ours.
    expect(written.split(`\u001b]2;\u001b\\${POP}`).length).toBe(2);
    expect(written.split(POP).length).toBe(2);
    expect(written.indexOf(POP)).toBeLessThan(written.indexOf('\u001b[?1049l'));
    const length = written.length;
    mounted?.terminal.setTitle('too late');
    expect(streams.written().length).toBe(length);
  });

  it('is not touched where none is set', async () => {
    const streams = fakes();
    const outcome = mount(streams);
    mounted?.unmount();
    await outcome;
    expect(streams.written()).not.toMatch(/\u001b\[2[23];2t|\u001b\]2;/);
  });
});

describe('the process', () => {
  it('has as many listeners afterwards as before', async () => {
    const names = ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGCONT', 'SIGTSTP', 'uncaughtException', 'exit'];
    const count = () => names.map((name) => process.listenerCount(name));
    const before = count();
    const outcome = mount(fakes());
    expect(count()).not.toEqual(before);
    mounted?.unmount();
    expect(await outcome).toEqual({ reason: 'quit' });
    expect(count()).toEqual(before);
  });

  it('restores once, whatever comes after', async () => {
    const streams = fakes();
    const outcome = mount(streams);
    mounted?.unmount();
    mounted?.unmount();
    streams.stdin.end();
    expect(await outcome).toEqual({ reason: 'quit' });
    expect(timesLeft(streams)).toBe(1);
  });
});

it('an input that is no terminal is left alone', async () => {
  const streams = fakes(false);
  const outcome = mount(streams);
  streams.stdin.write('\u0003');
  mounted?.unmount();
  expect(await outcome).toEqual({ reason: 'quit' });
  expect(streams.rawModes).toEqual([]);
});
