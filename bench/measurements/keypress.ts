import { bundled } from '../harness/bundle.js';
import { interleave } from '../harness/interleave.js';
import { type Probe, startProbe } from '../harness/probe.js';
import { figureRow, ratioRow } from '../harness/rows.js';
import { sample } from '../harness/statistics.js';
import type { BenchContext, BenchRow } from '../harness/types.js';

const MANY = 100_000;
const FEW = 40;
const KEYS_A_ROUND = 20;

/** From a key to the frame that it makes, each screen in a process of its own, by turns. */
export async function run(context: BenchContext): Promise<BenchRow[]> {
  const program = await bundled('ui-probe');
  const plain = await bundled('ui-probe', true);
  const probes: Probe[] = [];
  const open = async (what: string, file = program.file) => {
    const probe = await startProbe(file, what);
    probes.push(probe);
    return probe;
  };
  try {
    const screens = {
      many: await open(String(MANY)),
      few: await open(String(FEW)),
      empty: await open('empty', plain.file),
    };
    const bytes: number[] = [];
    const press = (screen: keyof typeof screens) => ({
      run: async () => {
        const { frames = [], bytes: written = [] } = await screens[screen].ask({ kind: 'press', count: KEYS_A_ROUND });
        if (screen === 'many') bytes.push(...written);
        return sample(frames).median;
      },
    });
    const times = await interleave(
      { many: press('many'), few: press('few'), empty: press('empty') },
      context.repeats(12),
      2,
    );
    const sizes = `120×39, in process, ${MANY.toLocaleString('en')} executions`;
    const ours = { what: 'key to frame', sizes, unit: 'ms', ours: times.many };
    return [
      ratioRow({ ...ours, reference: times.few, referenceName: `${FEW} executions`, target: { atMost: 1.1 } }),
      ratioRow({ ...ours, reference: times.empty, referenceName: 'an empty Ink screen', target: { atMost: 2.5 } }),
      figureRow({
        what: 'written to the terminal for any selection move, the worst',
        sizes,
        unit: 'bytes',
        value: Math.max(...bytes),
        shown: `${Math.max(...bytes)} bytes, median ${sample(bytes).median}`,
        target: { atMost: 1024 },
        note: 'in true colour; scrolling both ways, and a second that changes every age meanwhile, are among the moves',
      }),
    ];
  } finally {
    for (const probe of probes) probe.close();
    await Promise.all([program.remove(), plain.remove()]);
  }
}
