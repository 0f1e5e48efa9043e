import { parseDuration } from '../../text/duration.js';
import { UsageError } from '../args/usage-error.js';
import type { CommandContext } from '../command.js';
import { EXIT } from '../output/exit-code.js';

const END = 'end';

/** `demo --outage 3m|end`: takes the workers of the running demo away for a time, or brings them back now. */
export async function runOutage({ terminal }: CommandContext, wanted: string): Promise<number> {
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
