import { isSilent } from '../domain/execution-status.js';
import { newestFirst } from '../service/list.js';
import type { CommandContext } from './command.js';
import { staleAfterOf } from './config/layers.js';
import { demoIsFirstRun } from './demo-session.js';
import { printExecutions } from './output/execution-table.js';
import { EXIT } from './output/exit-code.js';
import { engineLines } from './output/notes.js';
import { readActive } from './output/read-progress.js';

/** What is active and what is stale, once, and which commands serve scripts. */
export async function snapshot(context: CommandContext): Promise<number> {
  const { terminal, signal } = context;
  const session = await context.open({ demoWithoutConnection: demoIsFirstRun(context.env) });
  const { store, conditions, diagnose } = session.services;
  const { connection } = store;
  if (session.demo)
    terminal.print('DEMO: no database is configured or --demo was given; these executions are made up.');
  terminal.print(
    `${connection.user}@${connection.host}:${connection.port}/${connection.database}, schema ${connection.schema}`,
  );
  const { executions, asOf } = await readActive(store, terminal, signal);
  const clock = { now: asOf, staleAfterMs: staleAfterOf(session.layers, context.flags) };
  const silent = newestFirst(executions).filter((each) => isSilent(each.lastEvent.at, asOf, clock.staleAfterMs));
  const active = newestFirst(executions).filter((each) => !isSilent(each.lastEvent.at, asOf, clock.staleAfterMs));
  const engine = engineLines(await conditions.read({ signal }));
  for (const line of [...engine.held, ...engine.unknown]) terminal.print(line);
  const diagnoses = await diagnose.diagnoseMany(
    silent.map((each) => each.executionId),
    { olderThanMs: clock.staleAfterMs, signal, active: { executions, asOf } },
  );
  for (const [title, rows] of [['Active', active] as const, ['Stale', silent] as const]) {
    terminal.print('');
    terminal.print(terminal.style.bold(`${title}: ${rows.length}`));
    if (rows.length === 0) continue;
    const known = rows.map((execution) => ({
      execution,
      diagnosis: diagnoses.get(execution.executionId) ?? null,
      runaway: null,
    }));
    printExecutions(known, clock, terminal);
  }
  terminal.print('');
  terminal.print('This is a snapshot: the interactive console needs a terminal. For scripts:');
  terminal.print(
    '  noetl-console list | stale | status <id> | tree <id> | events <id> | cancelled   (--json for each)',
  );
  terminal.print(
    '  noetl-console cancel <id>… --reason TEXT [--cascade] [--wait]   and   noetl-console cleanup --dry-run',
  );
  terminal.print("  'noetl-console --help' lists them all.");
  return EXIT.done;
}
