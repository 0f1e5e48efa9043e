import { type Check, checkDatabase, checkEngine, checkWorkers } from '../../service/doctor.js';
import type { ConnectionSettings } from '../../store/connection/settings.js';
import { StoreError } from '../../store/errors.js';
import { inspectDatabase } from '../../store/inspection.js';
import { visibleJson, visibleText } from '../../text/visible-text.js';
import type { CommandContext } from '../command.js';
import { SETTINGS, type SettingName, settingOf } from '../config/layers.js';
import type { Session } from '../open-services.js';
import { EXIT } from '../output/exit-code.js';

const SIGNS = { ok: '✓', warning: '!', problem: '✗' } as const;
const NAME_WIDTH = 18;

/** `doctor`: what works, and what to fix; exit 1 when something must be fixed before anything works. */
export async function run(context: CommandContext): Promise<number> {
  const { flags, terminal } = context;
  const session = await context.open();
  const { connection, shards } = session.services.store;
  for (const { user, host, port, database } of shards?.databases.map((each) => each.connection) ?? [connection])
    terminal.note(visibleText(`Checking ${user}@${host}:${port}/${database}`));
  terminal.note(`  connection from ${visibleText(session.source)}`);
  for (const name of Object.keys(SETTINGS) as SettingName[]) {
    const found = settingOf(name, session.layers);
    if (found) terminal.note(`  ${name} ${visibleText(String(found.value))} from ${visibleText(found.from)}`);
  }
  const checks = await (session.shards
    ? (await import('./doctor-shards.js')).shardedChecks(session, session.shards, context.signal)
    : runChecks(session, context.signal));
  for (const check of checks) {
    if (flags.isJson) terminal.print(visibleJson(check));
    else for (const line of checkLines(check, context)) terminal.print(line);
  }
  return checks.some((check) => check.level === 'problem') ? EXIT.failed : EXIT.done;
}

async function runChecks(session: Session, signal: AbortSignal): Promise<Check[]> {
  const { settings, services } = session;
  try {
    const { facts, checks, usable } = await databaseChecks(settings, signal);
    if (!usable) return checks;
    const workers = checkWorkers(await services.store.workers({ signal }), facts.server.clock);
    const engine = await services.conditions.read({ signal });
    const { routeChecks } = await import('./doctor-route.js');
    return [...checks, workers, ...checkEngine(engine), ...(await routeChecks(session, engine, signal))];
  } catch (error) {
    if (!(error instanceof StoreError) || error.kind === 'aborted') throw error;
    return [{ name: 'connection', level: 'problem', finding: error.message, remedy: null }];
  }
}

/** What one database is like, and whether more can be asked of it. Throws StoreError. */
export async function databaseChecks(settings: ConnectionSettings, signal: AbortSignal) {
  const facts = await inspectDatabase(settings, signal);
  const checks = checkDatabase(facts, settings.schema, settings.user);
  const isReadable = facts.tables.some((table) => table.name === 'event' && table.canSelect);
  return { facts, checks, usable: isReadable && !checks.some((check) => check.level === 'problem') };
}

function checkLines({ name, level, finding, remedy, shard }: Check, { terminal: { style } }: CommandContext): string[] {
  const paint = { ok: style.green, warning: style.yellow, problem: style.red }[level];
  const of = shard === undefined ? '' : `${shard}: `;
  const line = `${paint(SIGNS[level])} ${name.padEnd(NAME_WIDTH)}${visibleText(of + finding)}`;
  return remedy === null ? [line] : [line, `  ${' '.repeat(NAME_WIDTH)}${style.dim(`→ ${visibleText(remedy)}`)}`];
}
