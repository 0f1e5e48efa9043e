import { type Check, checkDatabase, checkEngine, checkWorkers } from '../../service/doctor.js';
import { StoreError } from '../../store/errors.js';
import { inspectDatabase } from '../../store/inspection.js';
import { visibleJson, visibleText } from '../../text/visible-text.js';
import type { CommandContext } from '../command.js';
import { SETTINGS, type SettingName, settingOf } from '../config/layers.js';
import type { Session } from '../open-services.js';
import { EXIT } from '../output/exit-code.js';

const SIGNS = { ok: '✓', warning: '!', problem: '✗' } as const;
const NAME_WIDTH = 18;

/** `doctor`: what works, and what to mend; exit 1 when something must be mended before anything works. */
export async function run(context: CommandContext): Promise<number> {
  const { flags, terminal } = context;
  const session = await context.open();
  const { connection } = session.services.store;
  terminal.note(`Checking ${connection.user}@${connection.host}:${connection.port}/${connection.database}`);
  terminal.note(`  connection from ${visibleText(session.source)}`);
  for (const name of Object.keys(SETTINGS) as SettingName[]) {
    const found = settingOf(name, session.layers);
    if (found) terminal.note(`  ${name} ${visibleText(String(found.value))} from ${visibleText(found.from)}`);
  }
  const checks = await runChecks(session, context.signal);
  for (const check of checks) {
    if (flags.isJson) terminal.print(visibleJson(check));
    else for (const line of checkLines(check, context)) terminal.print(line);
  }
  return checks.some((check) => check.level === 'problem') ? EXIT.failed : EXIT.done;
}

async function runChecks(session: Session, signal: AbortSignal): Promise<Check[]> {
  const { settings, services } = session;
  try {
    const facts = await inspectDatabase(settings, signal);
    const checks = checkDatabase(facts, settings.schema, settings.user);
    const readable = facts.tables.some((table) => table.name === 'event' && table.canSelect);
    if (!readable || checks.some((check) => check.level === 'problem')) return checks;
    const workers = checkWorkers(await services.store.workers({ signal }), facts.server.clock);
    const engine = await services.conditions.read({ signal });
    const { routeChecks } = await import('./doctor-route.js');
    return [...checks, workers, ...checkEngine(engine), ...(await routeChecks(session, engine, signal))];
  } catch (error) {
    if (!(error instanceof StoreError) || error.kind === 'aborted') throw error;
    return [{ name: 'connection', level: 'problem', finding: error.message, remedy: null }];
  }
}

function checkLines({ name, level, finding, remedy }: Check, { terminal: { style } }: CommandContext): string[] {
  const paint = { ok: style.green, warning: style.yellow, problem: style.red }[level];
  const line = `${paint(SIGNS[level])} ${name.padEnd(NAME_WIDTH)}${visibleText(finding)}`;
  return remedy === null ? [line] : [line, `  ${' '.repeat(NAME_WIDTH)}${style.dim(`→ ${visibleText(remedy)}`)}`];
}
