import { pause } from '../../service/pause.js';
import { openPostgresEventStore } from '../../store/postgres-event-store.js';
import { parseDuration } from '../../text/duration.js';
import { UsageError } from '../args/usage-error.js';
import type { CommandContext } from '../command.js';
import { settingsOfUrl } from '../config/connection-settings.js';
import { osUser } from '../config/environment.js';
import { announceDemo, ownDemo } from '../demo-session.js';
import { EXIT } from '../output/exit-code.js';

/** How often the demo's database is asked whether it is still there. */
const HEARTBEAT_MS = 5000;
/** What ends an outage before its time. */
const END = 'end';

/** `demo`: keeps a demo running, without a screen, until Ctrl-C. */
export async function run(context: CommandContext): Promise<number> {
  const { terminal, signal, flags } = context;
  const outage = flags.text('outage');
  if (outage !== undefined) return runOutage(context, outage);
  const demo = await ownDemo(context);
  const store = openPostgresEventStore(settingsOfUrl(demo.url, demo.schema, osUser()));
  let withdraw: (() => void) | null = null;
  try {
    withdraw = await announceDemo(demo);
    terminal.print(`DATABASE_URL=${demo.url}`);
    terminal.note(
      withdraw
        ? `Demo ${demo.seed} runs until Ctrl-C. In another terminal: 'noetl-console --demo', 'noetl-console list --demo', or set the DATABASE_URL above.`
        : `Demo ${demo.seed} runs until Ctrl-C. Another demo is running and --demo uses that one; use the DATABASE_URL above for this one.`,
    );
    while (!signal.aborted) {
      await pause(HEARTBEAT_MS, signal);
      // Throws when the server has gone, which ends the demo with a line that says so.
      if (!signal.aborted) await store.clock();
    }
  } finally {
    withdraw?.();
    await store.close();
    await demo.stop();
  }
  terminal.note('Demo ended.');
  return EXIT.done;
}

/** `demo --outage 3m|end`: takes the workers of the running demo away for a time, or brings them back now. */
async function runOutage({ terminal }: CommandContext, wanted: string): Promise<number> {
  const lastsMs = wanted === END ? 0 : parseDuration(wanted);
  if (lastsMs === null) {
    throw new UsageError(`--outage ${JSON.stringify(wanted)} is not a duration (90s, 10m, 1h30m) or the word end`);
  }
  const { findRunningDemo } = await import('../../demo/running-demo.js');
  const { setOutage } = await import('../../demo/outage.js');
  const demo = await findRunningDemo();
  if (!demo) throw new UsageError("no demo is running: start one with 'noetl-console demo' or 'npm start'");
  await setOutage(demo.databaseUrl, lastsMs);
  terminal.print(
    lastsMs === 0
      ? `Demo ${demo.seed}: the workers are coming back, under new names.`
      : `Demo ${demo.seed}: the workers are down for ${wanted}. 'noetl-console demo --outage end' brings them back sooner.`,
  );
  return EXIT.done;
}
