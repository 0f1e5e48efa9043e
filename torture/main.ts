import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import startServer from '../test/helpers/postgres-server.js';
import { PARTS } from './catalogue.js';
import { runParts } from './run.js';
import { markdownTable, plainRow, withRows } from './table.js';

const USAGE = `npm run torture [-- --only NAME… --seed N --quick --list --write]
  --only   run only this part; repeatable
  --seed   what everything random is drawn from (default 1)
  --quick  small numbers: the form that npm test runs
  --write  put the table into docs/reliability.md; with --only the rows of these parts
  --list   name the parts`;

const DOCUMENT = fileURLToPath(new URL('../docs/reliability.md', import.meta.url));
const [BEGIN, END] = ['<!-- table: npm run torture -- --write -->', '<!-- end of the table -->'];
const log = (line: string): void => void process.stderr.write(`${line}\n`);

/** An attack that gets an error past every handler must fail the run, not end it half way. */
const stray: string[] = [];
for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error: unknown) => {
    const said = error instanceof Error ? (error.stack ?? error.message) : String(error);
    stray.push(said);
    log(`${event}: ${said}`);
  });
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true, default: [] },
      seed: { type: 'string', default: '1' },
      quick: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const seed = Number(values.seed);
  const unknown = values.only.filter((name) => !PARTS.some((part) => part.name === name));
  if (values.help) log(USAGE);
  if (values.list) for (const { name, what } of PARTS) process.stdout.write(`${name.padEnd(14)}${what}\n`);
  if (values.help || values.list) return 0;
  if (unknown.length > 0 || !Number.isSafeInteger(seed) || seed < 0) {
    log(
      unknown.length > 0 ? `no part is called ${unknown.join(' or ')}; --list names them` : '--seed is a whole number',
    );
    return 2;
  }
  const stop = await startServer();
  const start = performance.now();
  try {
    const parts = PARTS.filter((part) => values.only.length === 0 || values.only.includes(part.name));
    const results = await runParts(parts, {
      quick: values.quick,
      seed,
      log,
      onResult: (result) => process.stdout.write(`${plainRow(result)}\n`),
    });
    const minutes = ((performance.now() - start) / 60_000).toFixed(1);
    log(`${minutes} minutes`);
    const form = values.quick ? 'quick form' : 'full form';
    if (values.write && values.only.length === 0) write(markdownTable(results), `${form}, ${minutes} minutes`);
    else if (values.write) rewrite((text) => withRows(text, results));
    return stray.length > 0 || results.some(({ tally }) => tally.failures > 0) ? 1 : 0;
  } finally {
    await stop?.();
  }
}

function write(table: string, run: string): void {
  const when = new Date().toISOString().slice(0, 10);
  const where = `Node ${process.versions.node}, ${process.platform}, ${cpus().length} × ${cpus()[0]?.model ?? 'processor'}`;
  rewrite(() => `\n\nEverything in one run on ${when}, ${where}: ${run}.\n\n${table}\n\n`);
}

/** Changes what stands between the marks. */
function rewrite(change: (made: string) => string): void {
  const text = readFileSync(DOCUMENT, 'utf8');
  const from = text.indexOf(BEGIN) + BEGIN.length;
  const to = text.indexOf(END);
  writeFileSync(DOCUMENT, text.slice(0, from) + change(text.slice(from, to)) + text.slice(to));
}

process.exitCode = await main();
