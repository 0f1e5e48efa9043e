import { platform } from 'node:os';
import { spawn } from '@lydell/node-pty';
import { cleanEnvironment, PROGRAM } from '../harness/process.js';
import { cpuMs } from '../harness/process-facts.js';
import { figureRow } from '../harness/rows.js';
import type { BenchContext, BenchRow } from '../harness/types.js';

/** The processor's share that an open console takes while nobody touches it and nothing happens. */
export async function run(context: BenchContext): Promise<BenchRow[]> {
  if (platform() !== 'linux') return [];
  const database = await context.database(context.sizes.small);
  const terminal = spawn(process.execPath, [PROGRAM], {
    name: 'xterm-256color',
    cols: 120,
    rows: 39,
    env: cleanEnvironment({ DATABASE_URL: database.url }) as Record<string, string>,
  });
  let bytes = 0;
  terminal.onData((data) => {
    bytes += data.length;
  });
  try {
    await new Promise((resolve) => setTimeout(resolve, 8000));
    const [cpu, written] = [cpuMs(terminal.pid), bytes];
    const seconds = context.mode === 'quick' ? 5 : 30;
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    return [
      figureRow({
        what: 'processor time of an idle console',
        sizes: `${context.sizes.small.toLocaleString('en')} events, ${seconds} s`,
        unit: '% of one core',
        value: (cpuMs(terminal.pid) - cpu) / (seconds * 10),
        note: `one read of the new events a second; ${Math.round((bytes - written) / seconds)} bytes a second written`,
      }),
    ];
  } finally {
    const exited = new Promise((resolve) => terminal.onExit(resolve));
    terminal.kill('SIGTERM');
    await exited;
  }
}
