import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configPath, readConfigFile } from '../../../source/cli/config/config-file.js';

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'noetl-config-'));
  await mkdir(join(home, 'noetl-console'));
});
afterAll(() => rm(home, { recursive: true }));

const read = async (text: string) => {
  const env = { XDG_CONFIG_HOME: home };
  await writeFile(configPath(env), text);
  return readConfigFile(env);
};

describe('the config file', () => {
  it('may be absent', async () => {
    expect(await readConfigFile({ XDG_CONFIG_HOME: join(home, 'nowhere') })).toEqual({ config: {}, problems: [] });
  });
  it('sets the console', async () => {
    const text =
      'theme: light\nmouse: false\nscreen_reader: true\nstale_after: 1h30m\nview: stale\nkeys:\n  refresh: [R, f5]\n  mark: space\n';
    expect(await read(text)).toEqual({
      config: {
        theme: 'light',
        mouse: false,
        screenReader: true,
        staleAfterMs: 5_400_000,
        view: 'stale',
        keys: { refresh: ['R', 'f5'], mark: 'space' },
      },
      problems: [],
    });
  });
  it('may be empty', async () => expect(await read('# nothing yet\n')).toEqual({ config: {}, problems: [] }));
  it.each([
    ['theme: pink', /theme is one of dark/],
    ['mouse: yes please', /mouse is true or false/],
    ['stale_after: 10', /stale_after is a duration/],
    ['keys: [a]', /keys names a key/],
    ['keys: {mark: {a: b}}', /keys names a key/],
    ['colour: red', /colour is not a setting/],
    ['- a list', /is not a list of settings/],
    ['a: [', /is not YAML/],
  ])('a mistake is told and passed over: %s', async (text, problem) => {
    const { config, problems } = await read(text);
    expect(config).toEqual({});
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(problem);
    expect(problems[0]).toContain(configPath({ XDG_CONFIG_HOME: home }));
  });
  it('keeps what is right beside what is wrong', async () => {
    expect((await read('theme: dark\nview: none\n')).config).toEqual({ theme: 'dark' });
  });
});
