import { pause } from '../service/pause.js';
import { commitsUnderWay } from '../store/commits-under-way.js';
import { visibleText } from '../text/visible-text.js';
import { plural } from '../text/words.js';
import type { ConsoleOutcome } from '../ui/shell/console-options.js';
import { cancelRequest } from './args/cancel-request.js';
import type { CommandContext } from './command.js';
import { NoConnectionError } from './config/connection-settings.js';
import { reasonRequiredBy, settingOf, staleAfterOf } from './config/layers.js';
import { demoIsFirstRun } from './demo-session.js';
import type { Session } from './open-services.js';
import { EXIT } from './output/exit-code.js';
import { COMMIT_UNDER_WAY } from './output/failure.js';
import { wantsColor } from './output/style.js';
import { SOURCE_NAME } from './version.js';

/** How much later the first frame may be for the sake of the first rows. */
const CONNECT_WAIT_MS = 8;
/** Ids that are named when the console closes; `noetl-console cancelled` lists all. */
const NAMED = 20;

/** The interactive console, from connecting to what it cancelled. Both ends are terminals by now. */
export async function runInteractive(context: CommandContext): Promise<number> {
  const { flags, env, signal } = context;
  paintInCi(env);
  const { cancelledBy } = cancelRequest(flags, false);
  const session = await openOrAsk(context);
  if (typeof session === 'number') return session;
  if (signal.aborted) return EXIT.interrupted;
  const { layers } = session;
  const staleAfterMs = staleAfterOf(layers, flags);
  const feed = session.services.liveFeed({ staleAfterMs });
  const theme = settingOf('theme', layers)?.value;
  const view = settingOf('view', layers)?.value;
  const time = settingOf('time', layers)?.value;
  // Loading occupies this process for longer than a near database needs to answer. Ink comes first, while the server
  // starts its process for the connection; the rest once the first question has left, unless the database is so far away
  // that waiting for that would be felt.
  feed.start();
  await import('../ui/terminal/mount-full-screen.js');
  await Promise.race([session.services.store.connected, pause(CONNECT_WAIT_MS)]);
  const { runConsole } = await import('../ui/console/console.js');
  // What has been answered meanwhile is taken first, so that the first frame has rows.
  for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
  const withdraw = await session.announceDemo();
  // The console has a terminal to restore, and hears signals itself.
  context.releaseSignals();
  try {
    const outcome = await runConsole({
      services: session.services,
      describe: session.services.describe,
      feed,
      conditions: session.services.conditions,
      cancelledBy,
      source: SOURCE_NAME,
      readOnly: session.readOnly,
      requireReason: reasonRequiredBy(layers, flags) !== null,
      demo: session.demo !== null,
      mouse: !flags.on('no-mouse') && (settingOf('mouse', layers)?.value ?? true),
      noColor: !wantsColor(env, true, flags.on('no-color')),
      screenReader: flags.on('screen-reader') || (settingOf('screen_reader', layers)?.value ?? false),
      bell: settingOf('bell', layers)?.value ?? false,
      title: settingOf('title', layers)?.value ?? false,
      staleAfterMs,
      env,
      theme,
      view,
      time,
      profile: layers.profile?.name ?? null,
      color: settingOf('color', layers)?.value,
      writes: session.route.via === 'api' ? `api ${session.route.server.address.url}` : 'table',
      keys: layers.file.keys ?? undefined,
    });
    return tellOutcome(outcome, context);
  } finally {
    withdraw();
  }
}

/** Connects; where nothing says to what, asks first. A number is the exit code of a program that is to end. */
async function openOrAsk(context: CommandContext): Promise<Session | number> {
  try {
    return await context.open({ demoWithoutConnection: demoIsFirstRun(context.env), isLasting: true });
  } catch (error) {
    if (!(error instanceof NoConnectionError)) throw error;
  }
  const { askFirstRun } = await import('./first-run.js');
  const choice = await askFirstRun(context);
  switch (choice.kind) {
    case 'demo':
      return context.open({ demoWithoutConnection: true, isLasting: true });
    case 'url':
      return context.open({ databaseUrl: choice.url, isLasting: true });
    case 'quit':
      return EXIT.done;
    case 'interrupted':
      return EXIT.interrupted;
  }
}

/**
 * Ink paints nothing before its end where these say that it runs in CI, and looks once, when it is loaded. Here a person
 * sits at a terminal: a shell in a build container has them set too.
 */
function paintInCi(env: NodeJS.ProcessEnv): void {
  for (const name of ['CI', 'CONTINUOUS_INTEGRATION']) if (name in env) env[name] = 'false';
}

/** What the session cancelled, on the terminal that is there again; and the exit code for how it ended. */
function tellOutcome({ terminal: end, batches, keyProblems }: ConsoleOutcome, { terminal }: CommandContext): number {
  for (const problem of keyProblems) terminal.note(`noetl-console: config: ${visibleText(problem)}`);
  if (commitsUnderWay() > 0) terminal.note(COMMIT_UNDER_WAY);
  for (const batch of batches) {
    const reason = batch.reason === null ? '' : ` (${visibleText(batch.reason)})`;
    const rest = batch.notCancelled > 0 ? `, ${batch.notCancelled} not cancelled` : '';
    const unknown = batch.outcomeUnknown > 0 ? `, ${batch.outcomeUnknown} outcome unknown` : '';
    const abandoned = batch.abandoned > 0 ? `, ${batch.abandoned} abandoned` : '';
    const cut = batch.interrupted ? '; it was stopped before all were tried' : '';
    terminal.print(
      `Cancelled ${plural(batch.cancelled.length, 'execution')}${reason}${rest}${unknown}; ${batch.stopped} confirmed stopped${abandoned}${cut}`,
    );
    for (const id of batch.cancelled.slice(0, NAMED)) terminal.print(`  - ${id}`);
    if (batch.cancelled.length > NAMED) terminal.print(`  … and ${batch.cancelled.length - NAMED} more`);
  }
  switch (end.reason) {
    case 'quit':
      return EXIT.done;
    case 'signal':
    case 'closed':
      return end.exitCode;
    case 'error':
      throw end.error;
  }
}
