import chalk from 'chalk';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fitHeader, formatConnection, type HeaderFacts } from '../../../source/ui/chrome/format-connection.js';
import { openConsole } from '../helpers/console.js';
import { row } from '../helpers/executions.js';

const connection = { host: 'db', port: 5432, database: 'noetl', user: 'ann', schema: 'noetl' };
const API = 'api http://noetl.internal:8082';
const facts = (change: Partial<HeaderFacts> = {}): HeaderFacts => ({
  writes: API,
  workers: 3,
  conditions: [],
  ...change,
});

describe('the header says where one is, which way cancels go, and how the engine is', () => {
  const where = formatConnection(connection, null);
  const shown = (given: HeaderFacts, cells: number) => {
    const { where: connected, way, engine } = fitHeader(where, given, cells);
    return connected + way + engine;
  };

  it.each([
    [facts({ writes: null }), 80, 'ann@db:5432/noetl · 3 workers'],
    [facts({ writes: 'table', workers: 1 }), 80, 'ann@db:5432/noetl · cancels via table · 1 worker'],
    [facts({ workers: null }), 80, `ann@db:5432/noetl · cancels via ${API} · workers –`],
    [facts(), 50, 'ann@db:5432/noetl · cancels via api · 3 workers'],
    [facts(), 40, 'ann@db:5432/noetl · via api · 3 workers'],
    [facts(), 30, 'ann@db:5432/noetl · api · 3w'],
    [facts({ workers: 0, conditions: ['no-workers'] }), 42, 'ann@db:5432/noetl · api · 0w ! no-workers'],
    [facts(), 20, 'ann@db:5… · api · 3w'],
  ])('%o in %i cells', (given, cells, words) => {
    expect(shown(given, cells)).toBe(words);
  });

  it('is never wider than its room', () => {
    for (let cells = 0; cells < 90; cells += 1)
      expect(shown(facts({ conditions: ['log-behind'] }), cells).length).toBeLessThanOrEqual(cells);
  });
});

describe('the profile in the header', () => {
  it.each([60, 80, 120, 200])('is named at %i columns', (columns) => {
    const ui = openConsole([row('1')], { size: { columns, rows: 24 }, profile: 'prod', writes: API });
    expect(ui.lines[0]).toMatch(/^ prod {2}ann@db.*api.*(?:workers –|–w).*● live$/);
  });

  it('has its colour, and production colours the whole line', () => {
    const { level } = chalk;
    chalk.level = 3;
    onTestFinished(() => {
      chalk.level = level;
    });
    const line = (options: { profile: string; color?: string }) =>
      openConsole([row('1')], { noColor: false, theme: 'dark', ...options }).lines[0] ?? '';
    const red = '\u001b[48;2;179;38;30m';
    const staging = line({ profile: 'staging', color: 'blue' });
    expect(staging).toContain('\u001b[48;2;31;95;191m');
    expect(staging).not.toContain(red);
    for (const loud of [line({ profile: 'prod' }), line({ profile: 'eu', color: 'red' })]) {
      // Nothing switches the background off before the end of the line.
      expect(loud.slice(0, loud.indexOf(' prod'))).toContain(red);
      expect(loud.slice(0, loud.indexOf('live'))).not.toContain('\u001b[49m');
    }
    expect(line({ profile: 'prod', color: 'green' })).not.toContain(red);
  });
});
