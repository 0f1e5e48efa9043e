import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { configurationDocument } from '../../../scripts/configuration-document.js';
import { contentProblems, PROFILE_SETTING_NAMES, SETTING_NAMES } from '../../../source/cli/config/config-schema.js';
import { ENVIRONMENT_VARIABLES } from '../../../source/cli/config/environment-variables.js';
import { overrideKeys } from '../../../source/ui/shell/keymap-resolve.js';

const document = readFileSync(new URL('../../../docs/configuration.md', import.meta.url), 'utf8');

it('docs/configuration.md is up to date (npm run configuration)', () => {
  expect(document).toBe(configurationDocument());
});

it('its example is a valid file, with keys that the console takes, and shows every setting', () => {
  const [, example = ''] = /```yaml\n([\s\S]*?)```/.exec(document) ?? [];
  const content = parse(example);
  expect(contentProblems(content)).toEqual([]);
  expect(overrideKeys(content.keys).problems).toEqual([]);
  const names = new Set([content, ...Object.values<object>(content.profiles)].flatMap((part) => Object.keys(part)));
  // A sharded installation is rare enough to stay out of the example.
  const missing = [...SETTING_NAMES, ...PROFILE_SETTING_NAMES].filter((name) => !names.has(name));
  expect(missing.filter((name) => name !== 'shards' && name !== 'cluster')).toEqual([]);
});

it('the registry names every variable that the program reads', () => {
  const source = new URL('../../../source/', import.meta.url);
  const names = new Set(ENVIRONMENT_VARIABLES.map(({ name }) => name));
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((name) => /\.tsx?$/.test(name));
  const read = files.flatMap((name) =>
    [...readFileSync(new URL(name, source), 'utf8').matchAll(/\benv\.([A-Z][A-Z0-9_]+)\b/g)].map((match) => match[1]!),
  );
  // These say what the machine and the terminal are; they configure nothing.
  expect(
    [...new Set(read)].filter((name) => !names.has(name) && !['TERM', 'TMUX', 'USER', 'PATH'].includes(name)),
  ).toEqual([]);
});
