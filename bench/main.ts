import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { CATALOGUE, type CatalogueEntry } from './harness/catalogue.js';
import { Databases } from './harness/databases.js';
import { machineOf } from './harness/machine.js';
import { type BenchResult, markdown, plain } from './harness/report.js';
import type { BenchContext, BenchMode } from './harness/types.js';

const USAGE = `npm run bench [-- [NAME…] [--quick | --full] [--cache DIR] [--list]]
  NAME     run only these; docs/benchmarks.md is then left as it is
  --quick  100,000 and 200,000 events instead of 1 and 5 million, few repeats: proves that it works
  --full   10 million events too
  --cache  keep the filled databases in DIR, so that the next run starts at once
  --list   name the measurements`;

const DOCUMENT = fileURLToPath(new URL('../docs/benchmarks.md', import.meta.url));
const SIZES = {
  quick: { small: 100_000, large: 200_000 },
  normal: { small: 1_000_000, large: 5_000_000 },
  full: { small: 1_000_000, large: 5_000_000, largest: 10_000_000 },
} as const;

const log = (line: string): void => void process.stderr.write(`${line}\n`);

async function measure(entry: CatalogueEntry, context: BenchContext): Promise<BenchResult> {
  const { name, title } = entry;
  const start = performance.now();
  const seconds = () => (performance.now() - start) / 1000;
  log(`— ${name}`);
  try {
    const rows = await (await entry.load()).run(context);
    return { name, title, rows, seconds: seconds() };
  } catch (error) {
    log(error instanceof Error ? (error.stack ?? error.message) : String(error));
    const failure = error instanceof Error ? error.message : String(error);
    return { name, title, rows: [], seconds: seconds(), failure };
  }
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      full: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
      cache: { type: 'string' },
    },
  });
  if (values.help) log(USAGE);
  if (values.list) for (const { name, title } of CATALOGUE) process.stdout.write(`${name.padEnd(20)}${title}\n`);
  if (values.help || values.list) return 0;
  const unknown = positionals.filter((name) => !CATALOGUE.some((entry) => entry.name === name));
  if (unknown.length > 0) {
    log(`no measurement is called ${unknown.join(' or ')}; --list names them`);
    return 2;
  }
  const mode: BenchMode = values.quick ? 'quick' : values.full ? 'full' : 'normal';
  const databases = new Databases(values.cache, log);
  const context: BenchContext = {
    mode,
    sizes: SIZES[mode],
    database: (events) => databases.filled(events),
    scratchDatabase: () => databases.scratch(),
    emptyDatabase: () => databases.empty(),
    repeats: (normal) => (mode === 'quick' ? Math.max(2, Math.ceil(normal / 4)) : normal),
    log,
  };
  const start = performance.now();
  try {
    const results: BenchResult[] = [];
    for (const entry of CATALOGUE) {
      if (positionals.length > 0 && !positionals.includes(entry.name)) continue;
      const result = await measure(entry, context);
      results.push(result);
      process.stdout.write(`${plain(result)}\n`);
    }
    if (positionals.length === 0 && mode !== 'quick') {
      const machine = machineOf(await databases.serverVersion());
      writeFileSync(DOCUMENT, markdown(results, machine, mode, new Date().toISOString().slice(0, 10)));
      log(`written: docs/benchmarks.md`);
    }
    log(`${((performance.now() - start) / 60_000).toFixed(1)} minutes`);
    return results.some((result) => result.failure) ? 1 : 0;
  } finally {
    await databases.close();
  }
}

process.exitCode = await main();
