import type { BackdatedSpec } from './backdated-tree.js';
import type { Fate } from './playbook.js';
import {
  HEALTHY_PATHS,
  NASTY_PATH,
  OVERRUNNING_PATH,
  playbookAt,
  REDRIVEN_PATH,
  REPEATING_PATH,
  RUNAWAY_PATH,
  WIDE_PATH,
} from './playbooks.js';
import type { Random } from './random.js';
import { DEAD_WORKERS, FOREIGN_WORKER } from './workers.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const fate = (kind: Fate['kind'], path: string, step: string): { path: string; fates: Fate[] } => ({
  path,
  fates: [{ kind, path, step }],
});
const dead = (index: number): { lostWorker: string } => ({ lostWorker: DEAD_WORKERS[index]?.name ?? 'worker-gone' });

/**
 * What is stuck when the demo starts, each with how long ago it began and the code of product.md's "Why it is stale"
 * that one execution of its tree has then. `imported` is the cohort's; `queued` does not occur, for it needs workers that
 * are all busy for ten minutes. The codes themselves are for the console to find.
 */
const STUCK: readonly (Omit<BackdatedSpec, 'startedAt' | 'until'> & { agoMs: number; code: string })[] = [
  { path: 'orders/await_approval', agoMs: 185 * MINUTE, code: 'awaiting-callback' },
  { path: 'orders/await_approval', agoMs: 47 * MINUTE, code: 'awaiting-callback' },
  { path: 'orders/await_shipment', agoMs: 26 * HOUR, code: 'awaiting-callback' },
  { path: 'finance/close_month', agoMs: 24 * MINUTE, code: 'waiting-on-child' },
  { path: 'ml/nightly_embeddings', agoMs: 28 * MINUTE, code: 'parent-active' },
  { ...fate('hang', 'support/triage_tickets', 'classify'), agoMs: 75 * MINUTE, code: 'live-claim' },
  { ...fate('hang', 'analytics/sessionize', 'sessionize'), agoMs: 34 * MINUTE, code: 'live-claim' },
  {
    ...fate('lost', 'ops/send_notification', 'send'),
    path: 'ops/fan_out_notifications',
    ...dead(0),
    agoMs: 140 * MINUTE,
    code: 'orphaned',
  },
  {
    ...fate('lost', 'ops/send_notification', 'send'),
    path: 'ops/fan_out_notifications',
    ...dead(2),
    agoMs: 400 * MINUTE,
    code: 'orphaned',
  },
  {
    ...fate('lost', 'ops/send_notification', 'render'),
    path: 'ops/fan_out_notifications',
    ...dead(0),
    agoMs: 98 * MINUTE,
    code: 'orphaned',
  },
  { ...fate('lost', 'etl/daily_sales', 'transform'), ...dead(0), agoMs: 100 * MINUTE, code: 'worker-lost' },
  { ...fate('lost', 'ml/score_customers', 'features'), ...dead(1), agoMs: 195 * MINUTE, code: 'worker-lost' },
  { ...fate('lost', 'billing/issue_invoices', 'charge'), ...dead(2), agoMs: 5 * HOUR, code: 'worker-lost' },
  { ...fate('lost', NASTY_PATH, 'call'), ...dead(0), agoMs: 96 * MINUTE, code: 'worker-lost' },
  {
    ...fate('lost', 'media/thumbnails', 'grab'),
    path: 'media/ingest',
    ...dead(0),
    agoMs: 97 * MINUTE,
    code: 'worker-lost',
  },
  {
    ...fate('lost', 'health/normalize', 'map_codes'),
    path: 'health/patient_sync',
    ...dead(1),
    agoMs: 3 * DAY,
    code: 'worker-lost',
  },
  // Their workers died a moment ago: Python's reaper may still hand the command on, Rust has none.
  { ...fate('lost', 'support/triage_tickets', 'classify'), ...dead(3), agoMs: 12 * MINUTE, code: 'worker-lost' },
  { ...fate('lost', 'analytics/sessionize', 'load_clicks'), ...dead(4), agoMs: 13 * MINUTE, code: 'recovering' },
  // A step failed, and Rust's engine never wrote an end: an hour later it will not.
  { ...fate('abandon', 'billing/issue_invoices', 'select_accounts'), agoMs: 83 * MINUTE, code: 'failed-step' },
  { ...fate('abandon', 'support/triage_tickets', 'fetch'), agoMs: 21 * MINUTE, code: 'finalizing' },
  { path: 'ml/finetune', agoMs: 65 * MINUTE, code: 'never-claimed' },
  { path: 'ml/finetune', agoMs: 16 * MINUTE, code: 'never-claimed' },
  { ...fate('silence', 'etl/daily_sales', 'load'), agoMs: 14 * MINUTE, code: 'finalizing' },
  { ...fate('silence', 'analytics/sessionize', 'store'), agoMs: 25 * MINUTE, code: 'finalizing' },
  { ...fate('silence', 'support/triage_tickets', 'classify'), agoMs: 150 * MINUTE, code: 'no-successor' },
  { ...fate('silence', WIDE_PATH, '送信'), agoMs: 27 * HOUR, code: 'no-successor' },
];

export const STUCK_CODES: readonly string[] = STUCK.map(({ code }) => code);

export const stuckSpecs = (now: number): BackdatedSpec[] =>
  STUCK.map(({ agoMs, code: _code, ...spec }) => ({ ...spec, startedAt: now - agoMs, until: now }));

/** One execution for each way of running away; each of the playbooks has enough ended runs to compare it with. */
const RUNAWAYS: readonly (Omit<BackdatedSpec, 'startedAt' | 'until'> & { agoMs: number })[] = [
  // A loop that spawns children, found out late.
  { ...fate('endless', RUNAWAY_PATH, 'reconcile'), agoMs: 10 * MINUTE },
  { ...fate('endless', REPEATING_PATH, 'poll'), agoMs: 26 * MINUTE },
  { ...fate('slow', OVERRUNNING_PATH, 'export'), agoMs: 34 * MINUTE },
  { ...fate('redeliver', REDRIVEN_PATH, 'compute'), agoMs: 27 * MINUTE },
];

export const runawaySpecs = (now: number): BackdatedSpec[] =>
  RUNAWAYS.map(({ agoMs, ...spec }) => ({ ...spec, startedAt: now - agoMs, until: now }));

/** Ended runs of these playbooks, from one to four days ago, when each ran as it should. */
const BASELINE_RUNS = 11;
export const baselineSpecs = (now: number, random: Random): BackdatedSpec[] =>
  RUNAWAYS.flatMap(({ path }) =>
    Array.from({ length: BASELINE_RUNS }, () => {
      const startedAt = now - DAY - Math.round(random.between(0, 3) * DAY);
      return { path, startedAt, until: startedAt + HOUR };
    }),
  );

/** Healthy executions in the middle of their work. */
export const runningSpecs = (now: number, random: Random, count: number): BackdatedSpec[] =>
  Array.from({ length: count }, (_, index) => ({
    path: HEALTHY_PATHS[index % HEALTHY_PATHS.length] ?? RUNAWAY_PATH,
    startedAt: now - Math.round(random.between(1, 14) * SECOND),
    until: now,
  }));

/** Finished executions of the past days, denser towards now; one in twelve failed. */
export const finishedSpecs = (now: number, random: Random, count: number): BackdatedSpec[] =>
  Array.from({ length: count }, () => {
    const path = random.pick(HEALTHY_PATHS);
    const agoMs = 5 * MINUTE + Math.round(random.next() ** 2 * 4 * DAY);
    const steps = playbookAt(path).steps;
    const fates: Fate[] = random.chance(1 / 12) ? [{ kind: 'fail', path, step: random.pick(steps).name }] : [];
    // A sub-playbook's own tool is what fails, so a call step that meets the fate just runs.
    return { path, fates, startedAt: now - agoMs, until: now };
  });

/** A cohort copied here from another cluster, none of which will ever move again; a few had ended there. */
export const importedSpecs = (now: number, random: Random): BackdatedSpec[] =>
  Array.from({ length: 9 }, (_, index) => {
    const stuck = index < 6;
    const path = index % 2 ? 'analytics/sessionize' : 'ml/score_customers';
    const step = index % 2 ? 'sessionize' : 'features';
    return {
      path,
      fates: stuck ? [{ kind: 'lost', path, step }] : [],
      worker: FOREIGN_WORKER.name,
      lostWorker: FOREIGN_WORKER.name,
      startedAt: now - 2 * DAY - Math.round(random.between(0, 8) * HOUR),
      until: now,
    };
  });

/** When the cohort was loaded. */
export const importedAt = (now: number): number => now - 5 * HOUR;

const CONSOLE = 'noetl-console/0.1.0';
const API = 'noetl';

/** Executions that somebody cancelled, some in the middle of a tree, with reasons of all sorts. */
export const cancelledSpecs = (now: number, random: Random): BackdatedSpec[] =>
  [
    {
      path: 'etl/daily_sales',
      agoMs: 42 * MINUTE,
      reason: 'Detected infinite loop',
      by: 'ana@ops-01',
      source: CONSOLE,
    },
    { path: 'media/ingest', agoMs: 3 * HOUR, reason: 'Wrong source bucket', by: 'ana@ops-01', source: CONSOLE },
    { path: 'crm/sync_contacts', agoMs: 5 * HOUR, reason: null, by: 'api', source: API },
    { path: 'ml/score_customers', agoMs: 9 * HOUR, reason: 'Cleanup stale execution', by: 'api', source: API },
    {
      path: 'health/patient_sync',
      agoMs: 20 * HOUR,
      reason: '重複した実行 — 止めました',
      by: 'kenji@tokyo',
      source: CONSOLE,
    },
    {
      path: 'billing/issue_invoices',
      agoMs: 26 * HOUR,
      reason: 'tired of \u001b[5mblinking\u001b[0m\u0007',
      by: 'api',
      source: API,
    },
    { path: 'analytics/sessionize', agoMs: 31 * HOUR, reason: 'Emergency stop', by: 'api', source: API },
    { path: RUNAWAY_PATH, agoMs: 52 * HOUR, reason: 'Runaway again', by: 'ana@ops-01', source: CONSOLE },
    {
      path: 'ops/recount_shelf',
      agoMs: 28 * HOUR,
      reason: 'Too late, it finished',
      by: 'api',
      source: API,
      inSpite: true,
    },
  ].map(({ path, agoMs, ...cancel }) => {
    const startedAt = now - agoMs;
    const ranMs =
      path === RUNAWAY_PATH ? 90 * SECOND : cancel.inSpite ? 4 * SECOND : Math.round(random.between(3, 6) * SECOND);
    const fates: Fate[] = path === RUNAWAY_PATH ? [{ kind: 'endless', path, step: 'reconcile' }] : [];
    return { path, fates, startedAt, until: startedAt + ranMs, cancel };
  });
