import { pause } from '../../service/pause.js';
import { openPostgresEventStore } from '../../store/postgres-event-store.js';
import type { CommandContext } from '../command.js';
import { settingsOfUrl } from '../config/connection-settings.js';
import { announceDemo, ownDemo } from '../demo-session.js';
import { osUser } from '../os-user.js';
import { EXIT } from '../output/exit-code.js';
import { runOutage } from './demo-outage.js';

/** How often the demo's database is asked whether it is still there. */
const HEARTBEAT_MS = 5000;

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
