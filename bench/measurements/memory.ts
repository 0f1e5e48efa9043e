import { bundled } from '../harness/bundle.js';
import { startProbe } from '../harness/probe.js';
import { figureRow } from '../harness/rows.js';
import type { BenchContext, BenchRow } from '../harness/types.js';

const MANY = 100_000;
/** On the screen and behind it while simulated time passes. */
const WATCHED = 2000;
const MB = 2 ** 20;

/** Memory of the console over a bare Ink program, and how it grows over an hour of simulated time. */
export async function run(context: BenchContext): Promise<BenchRow[]> {
  const program = await bundled('ui-probe');
  try {
    const settled = async (what: string) => {
      const probe = await startProbe(program.file, what);
      await probe.ask({ kind: 'press', count: 60 });
      const { heap = 0, rss = 0 } = await probe.ask({ kind: 'memory' });
      probe.close();
      return { heap, rss };
    };
    const bare = await settled('empty');
    const many = await settled(String(MANY));
    const ticks = context.mode === 'quick' ? 200 : 3600;
    const probe = await startProbe(program.file, String(WATCHED));
    const warm = await probe.ask({ kind: 'hours', ticks: Math.ceil(ticks / 6) });
    const late = await probe.ask({ kind: 'hours', ticks: ticks - Math.ceil(ticks / 6) });
    probe.close();
    const of = (value: number) => `${(value / MB).toFixed(0)} MB`;
    return [
      figureRow({
        what: 'resident memory over a bare Ink screen',
        sizes: `${MANY.toLocaleString('en')} executions loaded`,
        unit: 'MB',
        value: (many.rss - bare.rss) / MB,
        shown: `${of(many.rss)} (heap ${of(many.heap)})`,
        reference: `bare: ${of(bare.rss)} (heap ${of(bare.heap)})`,
        target: { atMost: 120 },
      }),
      figureRow({
        what: 'heap gained in the last five sixths of an hour of simulated time',
        sizes: `${WATCHED.toLocaleString('en')} executions, ${ticks.toLocaleString('en')} seconds with 20 changes each`,
        unit: 'MB',
        value: ((late.heap ?? 0) - (warm.heap ?? 0)) / MB,
        shown: `${of(warm.heap ?? 0)} → ${of(late.heap ?? 0)}`,
        target: { atMost: 3 },
      }),
    ];
  } finally {
    await program.remove();
  }
}
