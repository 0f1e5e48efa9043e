import { ENDLESS, type Playbook, type Step } from './playbook.js';

const work = (name: string, tool: Step['tool'], from: number, to: number, more: Partial<Step> = {}): Step => ({
  name,
  tool,
  seconds: [from, to],
  ...more,
});
const call = (name: string, path: string, more: Partial<Step> = {}): Step =>
  work(name, 'playbook', 0.2, 0.6, { calls: path, ...more });
const rust = (path: string, steps: Step[], workload: Playbook['workload'] = {}, version = 1): Playbook => ({
  path,
  version,
  stack: 'rust',
  steps,
  workload,
});
const python = (path: string, steps: Step[], workload: Playbook['workload'] = {}, version = 1): Playbook => ({
  ...rust(path, steps, workload, version),
  stack: 'python',
});

export const RUNAWAY_PATH = 'ops/reconcile_inventory';
/** Playbooks one of whose executions runs away when the demo opens, each in its own way. */
export const REPEATING_PATH = 'partners/import_feed';
export const OVERRUNNING_PATH = 'crm/export_segments';
export const REDRIVEN_PATH = 'ml/refresh_features';
/** Text that must be shown, not obeyed: colour, bell, a window title; and what is two columns wide. */
export const NASTY_PATH = 'adhoc/\u001b[31mred\u001b[0m\u0007/\u001b]0;owned\u0007title';
export const WIDE_PATH = '集計/売上_日次📦';

/** What the demo runs. Paths are what operators see, so they read like a company's. */
export const PLAYBOOKS: readonly Playbook[] = [
  rust(
    'etl/daily_sales',
    [
      work('extract', 'http', 2, 9),
      work('transform', 'python', 1, 6, { iterations: 8 }),
      work('load', 'postgres', 2, 8),
    ],
    { region: 'emea', api_key: 'sk-demo-51f2c07a9be44' },
    4,
  ),
  rust('reporting/weekly_kpis', [
    work('collect', 'postgres', 2, 8),
    call('render', 'reporting/render_charts'),
    work('mail', 'http', 1, 3),
  ]),
  rust('reporting/render_charts', [work('draw', 'python', 2, 7, { iterations: 4 }), work('upload', 'http', 1, 4)]),
  rust('crm/sync_contacts', [work('fetch_page', 'http', 1, 5, { iterations: 12 }), work('merge', 'postgres', 3, 9)]),
  rust('media/ingest', [
    work('probe', 'python', 1, 4),
    call('transcode', 'media/transcode'),
    work('publish', 'http', 1, 4),
  ]),
  rust('media/transcode', [work('split', 'python', 2, 5), call('thumbnails', 'media/thumbnails')]),
  rust('media/thumbnails', [work('grab', 'python', 1, 6, { iterations: 6 })]),
  rust('support/triage_tickets', [
    work('fetch', 'http', 1, 4),
    work('classify', 'python', 4, 20),
    work('assign', 'http', 1, 3),
  ]),
  rust('orders/await_approval', [
    work('prepare', 'python', 1, 3),
    work('ask_manager', 'http', 1, 2, { callback: true }),
  ]),
  rust('billing/issue_invoices', [
    work('select_accounts', 'postgres', 2, 6),
    work('charge', 'http', 2, 12, { iterations: 5 }),
  ]),
  rust(RUNAWAY_PATH, [
    work('next_store', 'postgres', 1, 2),
    call('reconcile', 'ops/reconcile_store', { iterations: 3, inFlight: 3, detached: true, seconds: [9, 18] }),
  ]),
  rust(REPEATING_PATH, [
    work('request_export', 'http', 1, 3),
    work('poll', 'http', 5, 9, { repeats: [2, 12] }),
    work('import', 'postgres', 2, 6),
  ]),
  rust(OVERRUNNING_PATH, [
    work('list', 'postgres', 1, 3),
    work('export', 'python', 2, 4, { iterations: 12, inFlight: 1 }),
    work('publish', 'http', 1, 2),
  ]),
  python(REDRIVEN_PATH, [
    work('collect', 'postgres', 2, 6),
    work('compute', 'python', 5, 15),
    work('store', 'postgres', 1, 4),
  ]),
  rust('ops/reconcile_store', [
    work('snapshot', 'duckdb', 8, 16),
    call('recount', 'ops/recount_shelf'),
    work('write_back', 'duckdb', 8, 16),
  ]),
  rust('ops/recount_shelf', [work('count', 'python', 6, 12, { iterations: 2 })]),
  rust('ops/fan_out_notifications', [
    work('list_recipients', 'postgres', 1, 4),
    call('notify', 'ops/send_notification', { detached: true }),
    work('audit', 'postgres', 1, 3),
  ]),
  rust('ops/send_notification', [work('render', 'python', 1, 3), work('send', 'http', 2, 5)]),
  rust('ml/nightly_embeddings', [
    call('train', 'ml/train_embedding', { detached: true }),
    work('score_shard', 'python', 15, 40, { iterations: ENDLESS, inFlight: 2 }),
  ]),
  rust('ml/train_embedding', [work('sample', 'python', 1, 4), work('fit', 'gpu', 60, 120)]),
  rust(NASTY_PATH, [work('\u001b[2Jwipe', 'python', 1, 4), work('call', 'http', 1, 4)]),
  python('analytics/sessionize', [
    work('load_clicks', 'postgres', 2, 8),
    work('sessionize', 'duckdb', 3, 12),
    work('store', 'postgres', 2, 6),
  ]),
  python('ml/score_customers', [work('features', 'duckdb', 3, 10), work('score', 'python', 2, 9, { iterations: 6 })]),
  rust('finance/close_month', [
    work('lock_period', 'postgres', 1, 3),
    call('post', 'finance/post_journals'),
    work('report', 'http', 1, 5),
  ]),
  rust('finance/post_journals', [work('post_batch', 'postgres', 15, 40, { iterations: ENDLESS, inFlight: 2 })]),
  python('health/patient_sync', [
    work('list_facilities', 'http', 1, 4),
    // Python's parents do not wait for their children.
    call('sync_facility', 'health/sync_facility', { detached: true }),
    work('notify', 'http', 1, 2),
  ]),
  python('health/sync_facility', [
    work('fetch', 'http', 2, 9),
    call('normalize', 'health/normalize', { inline: true }),
    work('upsert', 'postgres', 2, 7),
  ]),
  python('health/normalize', [work('map_codes', 'python', 1, 5), work('validate', 'python', 1, 3)]),
  python('orders/await_shipment', [
    work('book', 'http', 1, 4),
    work('wait_for_carrier', 'http', 1, 2, { callback: true }),
  ]),
  python('ml/finetune', [work('prepare', 'python', 1, 4), work('finetune', 'gpu', 60, 300)]),
  python(WIDE_PATH, [work('集計', 'duckdb', 2, 8), work('送信', 'http', 1, 4)]),
];

const byPath = new Map(PLAYBOOKS.map((playbook) => [playbook.path, playbook]));

/** @throws RangeError for a path that no playbook has. */
export function playbookAt(path: string): Playbook {
  const playbook = byPath.get(path);
  if (!playbook) throw new RangeError(`the demo has no playbook ${path}`);
  return playbook;
}

/** What runs, ends, and is started anew all the time. */
export const HEALTHY_PATHS: readonly string[] = [
  'etl/daily_sales',
  'reporting/weekly_kpis',
  'crm/sync_contacts',
  'media/ingest',
  'support/triage_tickets',
  'billing/issue_invoices',
  'ops/fan_out_notifications',
  'analytics/sessionize',
  'ml/score_customers',
  'health/patient_sync',
  REPEATING_PATH,
  OVERRUNNING_PATH,
  REDRIVEN_PATH,
  WIDE_PATH,
];
