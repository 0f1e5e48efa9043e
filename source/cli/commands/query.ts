import type { QueryTable } from '../../store/read-only-query/runner.js';
import { csvLines, safeCsvLines } from '../../text/csv.js';
import { visibleJson, visibleText } from '../../text/visible-text.js';
import { UsageError } from '../args/usage-error.js';
import type { CommandContext } from '../command.js';
import { settingOf } from '../config/layers.js';
import { EXIT } from '../output/exit-code.js';
import { table } from '../output/table.js';
import { tableWidth } from '../output/terminal.js';

const DEFAULT_ROWS = 1000;
const MAX_ROWS = 1_000_000;
const DEFAULT_TIMEOUT_MS = 30_000;
const NULL = '(null)';

/** `query "<sql>"`: one read-only statement, as a table, `--json`, `--csv` or `--csv-safe`. */
export async function run(context: CommandContext): Promise<number> {
  const { flags, input, terminal, signal } = context;
  const forms = ['json', 'csv', 'csv-safe'].filter((form) => flags.on(form));
  if (forms.length > 1) throw new UsageError(`--${forms[0]} and --${forms[1]} exclude one another`);
  const maxRows = flags.integer('limit', { least: 1, most: MAX_ROWS }) ?? DEFAULT_ROWS;
  const timeoutMs = flags.duration('timeout') ?? DEFAULT_TIMEOUT_MS;
  if (timeoutMs === 0) throw new UsageError('--timeout must be longer than nothing');
  const [sql = ''] = input;
  if (sql.trim() === '') throw new UsageError('query needs one SQL statement in quotes');
  const shard = shardFlag(flags);
  const session = await context.open();
  const { shards } = session.services.store;
  if (shard !== undefined && !shards)
    throw new UsageError('--shard needs several databases (NOETL_SHARDS, or shards in the profile)');
  if (shards && typeof shard === 'number' && shard >= shards.count)
    throw new UsageError(`--shard ${shard}: they are 0 to ${shards.count - 1}`);
  const role = settingOf('query_role', session.layers)?.value;
  const allowFunctions = flags.on('allow-functions');
  const options = { maxRows, timeoutMs, signal, role: role ?? null, allowFunctions, shard };
  const result = await session.services.store.runReadOnly(sql, options);
  if (result.risks.length > 0 && session.demo === null) terminal.note(riskWarning(result.risks));
  const lines = flags.isJson
    ? jsonLines(result)
    : forms.length > 0
      ? csvOf(result, flags.on('csv-safe') ? safeCsvLines : csvLines, terminal.stdout.isTTY === true)
      : tableLines(result, context);
  for (const line of lines) terminal.print(line);
  if (result.truncated) terminal.note(`Cut after ${maxRows} rows; --limit shows more.`);
  return EXIT.done;
}

const shardFlag = (flags: CommandContext['flags']): number | 'cluster' | undefined =>
  flags.text('shard') === 'cluster' ? 'cluster' : flags.integer('shard', { least: 0, most: 1023 });

/** Said every time: what is refused by reading the SQL is a second fence, and this is the first one missing. */
const riskWarning = (risks: readonly string[]): string =>
  `noetl-console: WARNING: this query ran with more rights than reading (${risks.join(', ')}); set --role or NOETL_QUERY_ROLE to a role that may only read (docs/security.md)`;

/** Values as the server prints them: a number in JSON would lose the end of a 64-bit id. */
function jsonLines({ columns, rows }: QueryTable): string[] {
  const names = uniqueNames(columns.map(({ name }) => name));
  return rows.map((row) => visibleJson(Object.fromEntries(row.map((value, index) => [names[index], value]))));
}

/** To the letter in a file or a pipe; on a terminal, nothing in it may command that. */
function csvOf({ columns, rows }: QueryTable, linesOf: typeof csvLines, onTerminal: boolean): string[] {
  const lines = linesOf([columns.map(({ name }) => name), ...rows]);
  return onTerminal ? lines.map(visibleText) : lines;
}

/** Two columns of one name would become one field. */
function uniqueNames(names: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return names.map((name) => {
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count === 1 ? name : `${name}_${count}`;
  });
}

function tableLines({ columns, rows }: QueryTable, { terminal }: CommandContext): string[] {
  const shown = columns.map((column, index) => ({
    title: column.name,
    cell: (row: readonly (string | null)[]) => row[index] ?? NULL,
    least: 20,
  }));
  const count = `(${rows.length} row${rows.length === 1 ? '' : 's'})`;
  return [...table(rows, shown, terminal.style, tableWidth(terminal)), terminal.style.dim(count)];
}
