import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { CATALOGUE, type CatalogueEntry } from './harness/catalogue.js';
import { Databases } from './harness/databases.js';
import { replaceFile, textOf, withGenerated, withSections } from './harness/document.js';
import { machineOf } from './harness/machine.js';
import { type BenchResult, plain } from './harness/report.js';
import type { BenchContext, BenchMode } from './harness/types.js';

const USAGE = `npm run bench [-- [NAME…] [--update] [--quick | --full] [--cache DIR] [--list]]
  NAME     run only these; docs/benchmarks.md is then left as it is
  --update put what these measured into docs/benchmarks.md, and leave its other sections
  --quick  100,000 and 200,000 events instead of 1 and 5 million, few repeats: proves that it works; writes nothing
  --full   10 million events too
  --cache  keep the filled databases in DIR, so that the next run starts at once; \`cold\` needs it
  --list   name the measurements
A run of all writes docs/benchmarks.md and the model in docs/scale.md, each section as soon as it is measured.`;

const BENCHMARKS = fileURLToPath(new URL('../docs/benchmarks.md', import.meta.url));
const SCALE = fileURLToPath(new URL('../docs/scale.md', import.meta.url));
const SIZES = {
  quick: { smallest: 50_000, small: 100_000, large: 200_000 },
  normal: { smallest: 250_000, small: 1_000_000, large: 5_000_000 },
  full: { smallest: 250_000, small: 1_000_000, large: 5_000_000, largest: 10_000_000 },
} as const;

const log = (line: string): void => void process.stderr.write(`${line}\n`);
const textOfError = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Rejects with what was thrown where no measurement could catch it; without it one such error ended the whole run. */
function strayErrors(): { readonly next: Promise<never>; stop(): void } {
  let reject: (error: unknown) => void = () => {};
  const next = new Promise<never>((_, rejected) => {
    reject = rejected;
  });
  next.catch(() => {});
  const events = ['uncaughtException', 'unhandledRejection'] as const;
  const listen = (error: unknown) => {
    log(`outside of any call: ${error instanceof Error ? error.stack : error}`);
    reject(error);
  };
  for (const event of events) process.on(event, listen);
  return {
    next,
    stop: () => {
      for (const event of events) process.off(event, listen);
    },
  };
}

async function measure(entry: CatalogueEntry, context: BenchContext): Promise<BenchResult> {
  const { name, title } = entry;
  const start = performance.now();
  const seconds = () => (performance.now() - start) / 1000;
  const stray = strayErrors();
  log(`— ${name}`);
  try {
    const module = await entry.load();
    const rows = await Promise.race([module.run(context), stray.next]);
    return { name, title, rows, seconds: seconds() };
  } catch (error) {
    log(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return { name, title, rows: [], seconds: seconds(), failure: textOfError(error) };
  } finally {
    stray.stop();
  }
}

const FLAGS = {
  quick: { type: 'boolean', default: false },
  full: { type: 'boolean', default: false },
  update: { type: 'boolean', default: false },
  list: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
  cache: { type: 'string' },
} as const;

/** Why a command line cannot be run; null where it can. */
function problemOf(names: readonly string[], { quick, full, update }: Record<string, unknown>): string | null {
  const unknown = names.filter((name) => !CATALOGUE.some((entry) => entry.name === name));
  if (unknown.length > 0) return `no measurement is called ${unknown.join(' or ')}; --list names them`;
  if (quick && full) return '--quick and --full exclude each other';
  if (quick && update) return '--quick measures too little for a document';
  return null;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: FLAGS });
  if (values.help) log(USAGE);
  if (values.list) for (const { name, title } of CATALOGUE) process.stdout.write(`${name.padEnd(20)}${title}\n`);
  if (values.help || values.list) return 0;
  const problem = problemOf(positionals, values);
  if (problem !== null) {
    log(problem);
    return 2;
  }
  const mode: BenchMode = values.quick ? 'quick' : values.full ? 'full' : 'normal';
  const writes = values.update || (positionals.length === 0 && mode !== 'quick');
  const databases = new Databases(values.cache, log);
  const context: BenchContext = {
    mode,
    sizes: SIZES[mode],
    database: (events) => databases.filled(events),
    scratchDatabase: () => databases.scratch(),
    emptyDatabase: () => databases.empty(),
    coldDatabase: values.cache ? (events, settings) => databases.cold(events, settings) : null,
    writeModel: (name, lines) => {
      if (writes) replaceFile(SCALE, withGenerated(textOf(SCALE), name, lines));
      else for (const line of lines) log(line);
    },
    repeats: (normal) => (mode === 'quick' ? Math.max(2, Math.ceil(normal / 4)) : normal),
    log,
  };
  const write = async (result: BenchResult): Promise<void> => {
    const stamp = { date: new Date().toISOString().slice(0, 10), mode };
    const machine = machineOf(await databases.serverVersion());
    const titles = CATALOGUE.map(({ title }) => title);
    replaceFile(BENCHMARKS, withSections(textOf(BENCHMARKS), [result], { titles, machine, stamp }));
    log('written: docs/benchmarks.md');
  };
  const start = performance.now();
  let failed = false;
  try {
    for (const entry of CATALOGUE) {
      if (positionals.length > 0 && !positionals.includes(entry.name)) continue;
      const result = await measure(entry, context);
      failed ||= result.failure !== undefined;
      process.stdout.write(`${plain(result)}\n`);
      await databases.settle();
      if (writes) await write(result);
    }
    log(`${((performance.now() - start) / 60_000).toFixed(1)} minutes`);
    return failed ? 1 : 0;
  } finally {
    await databases.close();
  }
}

process.exitCode = await main();
