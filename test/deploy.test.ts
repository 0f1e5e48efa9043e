import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { parseCommandLine } from '../source/cli/args/command-line.js';
import { GLOBAL_FLAGS, ROOT_FLAGS } from '../source/cli/args/flag-specs.js';
import { COMMANDS } from '../source/cli/commands/index.js';
import { CONDITION_CODES } from '../source/domain/conditions/conditions.js';
import { STOP_PHASES } from '../source/domain/stopping/stopping.js';
import { ApiMetrics } from '../source/http/metrics.js';

/** The files of docs/deploy are not run here; what they name must exist. */
const read = (name: string): string => readFileSync(resolve(import.meta.dirname, '../docs/deploy', name), 'utf8');

const GRAMMAR = { commands: COMMANDS, rootFlags: ROOT_FLAGS, globalFlags: GLOBAL_FLAGS };
const commandOf = (argv: readonly string[]) => parseCommandLine(argv, GRAMMAR).command?.name;

// biome-ignore lint/suspicious/noExplicitAny: what was parsed is looked at, not used.
type Parsed = any;

/** Names of the metrics, as the API has them; a histogram has three. */
async function metricNames(): Promise<Set<string>> {
  const none = async () => ({ executions: [], stale: [], byCode: new Map(), conditions: [], unknown: [], states: [] });
  const metrics = new ApiMetrics(
    { activeExecutions: none, recentExecutions: none, recentCancellations: async () => [] } as never,
    { diagnoseStale: none } as never,
    { read: none } as never,
    { find: none } as never,
    { look: none } as never,
  );
  const named = [...(await metrics.text()).matchAll(/^# TYPE (\S+) (\S+)$/gm)];
  return new Set(
    named.flatMap(([, name = '', type]) =>
      type === 'histogram' ? [`${name}_bucket`, `${name}_count`, `${name}_sum`] : [name],
    ),
  );
}

async function expectKnown(expression: string): Promise<void> {
  const known = await metricNames();
  const used = [...expression.matchAll(/\bnoetl_\w+/g)].map(([name]) => name);
  for (const name of used) expect(known, expression).toContain(name);
  const labels = [...expression.matchAll(/(condition|phase|safe)="([^"]*)"/g)];
  const values: Record<string, readonly string[]> = {
    condition: CONDITION_CODES,
    phase: STOP_PHASES,
    safe: ['true', 'false'],
  };
  for (const [, label = '', value] of labels) expect(values[label], expression).toContain(value);
}

describe('kubernetes.yaml', () => {
  const documents: Parsed[] = parseAllDocuments(read('kubernetes.yaml')).map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS();
  });
  const podOf = (document: Parsed) => (document.spec.jobTemplate?.spec ?? document.spec).template.spec;

  it('has a Deployment, its Service, and a CronJob that runs alone', () => {
    expect(documents.map(({ kind }) => kind)).toEqual(['Deployment', 'Service', 'CronJob']);
    expect(documents[2].spec.concurrencyPolicy).toBe('Forbid');
    expect(documents[1].spec.selector).toEqual(documents[0].spec.template.metadata.labels);
  });

  it('runs commands and flags that there are, with less time to stop than the pod has', () => {
    const [serve, cleanup] = [documents[0], documents[2]].map((document) => podOf(document).containers[0].args);
    expect(commandOf(serve)).toBe('serve');
    expect(commandOf(cleanup)).toBe('cleanup');
    expect(documents[0].spec.template.spec.terminationGracePeriodSeconds).toBeGreaterThan(10);
  });

  it('asks the health route whether it is ready, and never restarts for the database', () => {
    const [container] = podOf(documents[0]).containers;
    expect(container.readinessProbe.httpGet.path).toBe('/api/health');
    expect(container.livenessProbe.httpGet).toBeUndefined();
  });
});

describe('noetl-console.service', () => {
  it('starts serve, and is well formed', () => {
    const lines = read('noetl-console.service').split('\n');
    const malformed = lines.filter((line) => !/^(|#.*|\[(Unit|Service|Install)\]|[A-Z][A-Za-z]+=.*)$/.test(line));
    expect(malformed).toEqual([]);
    const start = lines.find((line) => line.startsWith('ExecStart='))?.split(' ') ?? [];
    expect(start.slice(0, 2)).toEqual(['ExecStart=/usr/bin/env', 'noetl-console']);
    expect(commandOf(start.slice(2))).toBe('serve');
  });
});

describe('prometheus-rules.yaml', () => {
  const { groups }: Parsed = parse(read('prometheus-rules.yaml'));
  it.each<Parsed>(groups.flatMap((group: Parsed) => group.rules))('$alert', async (rule: Parsed) => {
    await expectKnown(rule.expr);
    expect(rule.for).toMatch(/^\d+m$/);
    expect(rule.annotations.summary && rule.annotations.description && rule.labels.severity).toBeTruthy();
  });
});

describe('grafana-dashboard.json', () => {
  const { panels }: Parsed = JSON.parse(read('grafana-dashboard.json'));
  it.each(panels as Parsed[])('$title', async (panel: Parsed) => {
    for (const { expr } of panel.targets) await expectKnown(expr);
    expect(panel.gridPos.x + panel.gridPos.w).toBeLessThanOrEqual(24);
  });
});
