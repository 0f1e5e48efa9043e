/** Payloads of the sizes seen in production: 300 to 800 bytes for what a command is issued with. JSON text. */

const STEPS = [
  'fetch',
  'parse',
  'enrich',
  'validate',
  'transform',
  'load',
  'notify',
  'summarise',
  'compare',
  'archive',
];
const TOOLS = ['http', 'postgres', 'python', 'duckdb', 'shell', 'gcs'];

export const stepName = (index: number): string => `${STEPS[index % STEPS.length]}_${Math.floor(index / STEPS.length)}`;
export const toolOf = (index: number): string => TOOLS[index % TOOLS.length]!;

const words = (index: number, count: number): string =>
  Array.from(
    { length: count },
    (_, word) => `${STEPS[(index * 7 + word * 3) % STEPS.length]}${(index * 31 + word * 17) % 997}`,
  ).join(' ');

/** What a playbook is started with. */
export const workload = (steps: number): string =>
  JSON.stringify({
    path: 'set by the catalog',
    workload: {
      region: `region-${steps % 9}`,
      batch: steps * 100,
      window: '2026-01-01/2026-02-01',
      note: words(steps, 24),
    },
  });

/** Context of `command.issued`. */
export const issuedContext = (index: number): string =>
  JSON.stringify({
    tool_config: { kind: toolOf(index), endpoint: `https://service-${index % 13}.example/api/v2/items`, timeout: 30 },
    args: { page: index, size: 250, filter: words(index, 6 + (index % 20)) },
    render_context: {
      step: stepName(index),
      previous: stepName(index + 9),
      summary: words(index + 5, 8 + (index % 14)),
    },
  });

/** Result of `call.done` and `command.completed`; the table's CHECK allows status, reference and context only. */
export const resultOf = (index: number, status: string, rich: boolean): string =>
  JSON.stringify({
    status,
    context: rich
      ? { rows: index * 10, took: index % 7, sample: words(index, 5 + (index % 18)) }
      : { rows: index * 10 },
  });

/** Milliseconds that a call takes. */
export const tookMs = (index: number): number => 30 + ((index * 7919) % 4000);
