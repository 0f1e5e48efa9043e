import { readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configJsonSchema } from '../../../scripts/config-json-schema.js';
import { configPath, profileNamed, readConfigFile } from '../../../source/cli/config/config-file.js';
import { findConnection } from '../../../source/cli/config/connection-settings.js';
import { settingOf } from '../../../source/cli/config/layers.js';

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'noetl-config-'));
  await mkdir(join(home, 'noetl-console'));
});
afterAll(() => rm(home, { recursive: true }));

type Env = Record<string, string>;
const fileOf = async (text: string, mode = 0o600) => {
  const env = { XDG_CONFIG_HOME: home };
  await writeFile(configPath(env), text);
  await chmod(configPath(env), mode);
  return readConfigFile(env);
};
const connect = async (text: string, flags: { profile?: string; databaseUrl?: string } = {}, env: Env = {}) => {
  const file = await fileOf(text);
  return findConnection(env, flags, 'op', async () => file);
};
const noFlags = { text: () => undefined };

describe('the config file', () => {
  it('may be absent', async () => {
    const { exists, problems, refused } = await readConfigFile({ XDG_CONFIG_HOME: join(home, 'nowhere') });
    expect([exists, problems, refused]).toEqual([false, [], null]);
  });
  it('sets the console', async () => {
    const { top, keys, problems } = await fileOf(
      'theme: light\nmouse: false\nscreen_reader: true\nstale_after: 1h30m\nview: stale\nkeys:\n  refresh: [R, f5]\n  mark: space\n',
    );
    expect(problems).toEqual([]);
    expect(top).toEqual({ theme: 'light', mouse: false, screen_reader: true, stale_after: '1h30m', view: 'stale' });
    expect(keys).toEqual({ refresh: ['R', 'f5'], mark: 'space' });
  });
  it('may be empty', async () => expect((await fileOf('# nothing yet\n')).problems).toEqual([]));
  it.each([
    ['theme: pink', /line 1: theme must be one of dark, light/],
    ['mouse: yes please', /line 1: mouse must be true or false/],
    ['\nstale_after: 10', /line 2: stale_after must be a duration/],
    ['keys: {mark: {a: b}}', /line 1: keys\.mark must be a key, or a list of keys/],
    ['colour: red', /line 1: colour is not a setting/],
    ['themes: dark', /line 1: themes is not a setting; did you mean theme\?/],
  ])('a mistake outside the profiles is passed over, with its line: %s', async (text, problem) => {
    const { top, problems, refused } = await fileOf(text);
    expect([top, refused]).toEqual([{}, null]);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(problem);
    expect(problems[0]).toContain(configPath({ XDG_CONFIG_HOME: home }));
  });
  it.each([
    ['- a list', /line 1: must hold settings by name/],
    ['a: [', /line \d: not valid YAML/],
    ['*a*', /not valid YAML: Unresolved alias/],
    ['profiles:\n  a: {host: x}\n  a: {host: y}\n', /line 3: not valid YAML: a name that stands there twice/],
  ])('what cannot be read as a whole is not used for a connection: %s', async (text, why) => {
    expect((await fileOf(text)).refused).toMatch(why);
    await expect(connect(text, { profile: 'a' })).rejects.toThrow(why);
    await expect(connect(text)).rejects.toThrow(why);
  });
  it('takes a read_only that it cannot read as yes', async () => {
    expect((await fileOf('read_only: maybe\n')).top.read_only).toBe(true);
  });
});

describe('profiles', () => {
  const two =
    'current: a\nprofiles:\n  a:\n    url: postgres://u:p@a:6543/d\n  b:\n    host: b\n    database: x\n    color: red\n';
  it('come after the environment, unless one is named', async () => {
    expect((await connect(two))?.settings).toMatchObject({ host: 'a', port: 6543, user: 'u', database: 'd' });
    expect((await connect(two, {}, { PGHOST: 'pg' }))?.settings.host).toBe('pg');
    expect((await connect(two, { profile: 'b' }, { PGHOST: 'pg' }))?.settings).toMatchObject({ host: 'b', user: 'op' });
    expect((await connect(two, {}, { NOETL_CONSOLE_PROFILE: 'b', PGHOST: 'pg' }))?.source).toMatch(
      /^profile b \(NOETL_CONSOLE_PROFILE\)$/,
    );
    expect((await connect(two, { profile: 'b', databaseUrl: 'postgres://u@flag/d' }))?.settings.host).toBe('flag');
    expect(await connect('theme: dark\n')).toBeNull();
  });
  it('a wrong one is an error when it is used, with its line and the near name', async () => {
    const text = 'profiles:\n  good: {host: h}\n  bad:\n    hots: h\n';
    const file = await fileOf(text);
    expect(file.problems).toEqual([]);
    expect(file.profiles.get('bad')?.problems).toHaveLength(1);
    await expect(connect(text, { profile: 'bad' })).rejects.toThrow(
      /line 4: profiles\.bad\.hots .* did you mean host\?/,
    );
    expect((await connect(text, { profile: 'good' }))?.settings.host).toBe('h');
    await expect(connect(text, { profile: 'goood' })).rejects.toThrow(/did you mean good\?/);
    await expect(connect('profiles:\n  e: {color: red}\n', { profile: 'e' })).rejects.toThrow(/names no database/);
  });
  it('a file that others may read is refused once it holds a password', async () => {
    const withUrl = 'profiles:\n  a: {url: "postgres://u:secret@h/d"}\n';
    const file = await fileOf(withUrl, 0o644);
    expect(file.refused).toMatch(/run chmod 600/);
    expect(() => profileNamed(file, 'a', '--profile')).toThrow(/chmod 600/);
    expect((await fileOf(withUrl, 0o600)).refused).toBeNull();
    expect((await fileOf('profiles:\n  a: {url: "postgres://u@h/d"}\n', 0o644)).refused).toBeNull();
    expect((await fileOf('profiles:\n  a: {shards: "host=a;password=x"}\n', 0o640)).refused).toMatch(/chmod 600/);
  });
  it('a password can come from a command; what it prints is never shown', async () => {
    const text = (command: string) =>
      `profiles:\n  a:\n    host: h\n    password_command: ${JSON.stringify(command)}\n`;
    expect((await connect(text('echo s3cret; echo more'), { profile: 'a' }))?.settings.password).toBe('s3cret');
    await expect(connect(text('echo s3cret; exit 3'), { profile: 'a' })).rejects.toThrow(
      /^the command of password_command of profile a ended with 3; run it in a shell to see why$/,
    );
    await expect(connect(text('true'), { profile: 'a' })).rejects.toThrow(/printed nothing/);
  });
  it("a service of libpq's file can be named, and is completed by the profile", async () => {
    const service = join(home, 'service.conf');
    await writeFile(service, '# c\n[orders]\nhost=svc\nport=7\ndbname=o\nuser=su\n');
    const env = { PGSERVICEFILE: service };
    const text = 'profiles:\n  a: {service: orders, user: me}\n';
    expect((await connect(text, { profile: 'a' }, env))?.settings).toMatchObject({
      host: 'svc',
      port: 7,
      database: 'o',
      user: 'me',
    });
    expect((await connect('', {}, { ...env, PGSERVICE: 'orders', PGUSER: 'x' }))?.settings.user).toBe('su');
    await expect(connect('', {}, { ...env, PGSERVICE: 'order' })).rejects.toThrow(/did you mean orders\?/);
  });
});

describe('layers', () => {
  it('flag, environment, profile, top of the file', async () => {
    const file = await fileOf('theme: light\nview: stale\nprofiles:\n  a: {host: h, theme: none}\n');
    const profile = profileNamed(file, 'a', '--profile');
    const layers = { flags: noFlags, env: {}, profile: null, file };
    expect(settingOf('theme', layers)).toEqual({ value: 'light', from: file.path });
    expect(settingOf('theme', { ...layers, profile })).toEqual({ value: 'none', from: 'profile a' });
    const env = { NOETL_CONSOLE_THEME: 'dark' };
    expect(settingOf('theme', { ...layers, profile, env })).toEqual({ value: 'dark', from: 'NOETL_CONSOLE_THEME' });
    const flags = { text: (name: string) => (name === 'theme' ? 'high-contrast' : undefined) };
    expect(settingOf('theme', { ...layers, profile, env, flags })?.from).toBe('--theme');
    expect(settingOf('bell', layers)).toBeNull();
    expect(() => settingOf('bell', { ...layers, env: { NOETL_CONSOLE_BELL: 'loud' } })).toThrow(
      /must be true or false/,
    );
  });
});

it('has a JSON Schema for editors that is up to date (npm run config-schema)', () => {
  const shipped: unknown = JSON.parse(readFileSync(new URL('../../../config.schema.json', import.meta.url), 'utf8'));
  expect(shipped).toEqual(JSON.parse(JSON.stringify(configJsonSchema())));
});
