import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { CONDITION_CODES } from '../domain/conditions/conditions.js';
import { DEFAULT_STALE_AFTER_MS } from '../domain/execution-status.js';
import { RUNAWAY_CODES } from '../domain/runaway/facts.js';
import { SAFE_CODES, STALE_CODES } from '../domain/staleness/staleness-types.js';
import { countPhases, STOP_PHASES } from '../domain/stopping/stopping.js';
import type { ConditionsService } from '../service/conditions.js';
import type { DiagnoseService } from '../service/diagnose/diagnose.js';
import type { FollowService } from '../service/follow/follow.js';
import type { RunawayService } from '../service/runaway.js';
import type { EventStore } from '../store/event-store.js';

/** Counts are read at most this often, however many scrape: a scrape costs the database nothing. */
const REFRESH_MS = 30_000;
const HOUR_MS = 3_600_000;
/** Ended executions of the last hour are counted up to here. */
const MOST_ENDED = 10_000;
/** Cancellations of the last day whose stop is looked at. */
const MOST_STOPS = 500;
const DAY_MS = 86_400_000;

/** The API's own numbers, and the counts of executions as of the newest refresh. */
export class ApiMetrics {
  readonly #registry = new Registry();
  readonly #executions: Gauge<'status'>;
  readonly #ended: Gauge<'status'>;
  readonly #stale: Gauge<'code' | 'safe'>;
  readonly #conditions: Gauge<'condition'>;
  readonly #shards: Gauge<'shard'>;
  readonly #runaway: Gauge<'code'>;
  readonly #stops: Gauge<'phase'>;
  readonly #refreshed: Gauge;
  readonly #failures: Counter;
  readonly #duration: Histogram<'method' | 'route' | 'status'>;
  /** Cancels by what became of them. */
  readonly cancels: Counter<'outcome'>;
  #refreshedAt = Number.NEGATIVE_INFINITY;
  #refreshing: Promise<void> | null = null;

  constructor(
    private readonly store: Pick<
      EventStore,
      'activeExecutions' | 'recentExecutions' | 'recentCancellations' | 'shards'
    >,
    private readonly diagnose: DiagnoseService,
    private readonly conditions: ConditionsService,
    private readonly runaway: Pick<RunawayService, 'find'>,
    private readonly follow: Pick<FollowService, 'look'>,
  ) {
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry });
    this.#executions = new Gauge({
      name: 'noetl_executions',
      help: 'Executions that have begun and not ended, by status; STALE ones have been silent for 10 minutes.',
      labelNames: ['status'],
      registers,
    });
    this.#ended = new Gauge({
      name: 'noetl_executions_ended_last_hour',
      help: `Executions that ended within an hour, by status; at most ${MOST_ENDED} of each are counted.`,
      labelNames: ['status'],
      registers,
    });
    this.#stale = new Gauge({
      name: 'noetl_stale_executions',
      help: 'Stale executions by diagnosis, and whether cleaning them up is safe by default.',
      labelNames: ['code', 'safe'],
      registers,
    });
    this.#conditions = new Gauge({
      name: 'noetl_engine_condition',
      help: 'Whether a condition of the engine holds in which nothing is safe to clean up; absent where it cannot be decided.',
      labelNames: ['condition'],
      registers,
    });
    this.#shards = new Gauge({
      name: 'noetl_shard_up',
      help: 'Whether a shard answered when it was last asked; absent where one database is all there is.',
      labelNames: ['shard'],
      registers,
    });
    this.#runaway = new Gauge({
      name: 'noetl_runaway_executions',
      help: 'Running executions that behave unlike their playbook, by code.',
      labelNames: ['code'],
      registers,
    });
    this.#stops = new Gauge({
      name: 'noetl_cancellations',
      help: `The latest ${MOST_STOPS} cancellations of the last day by whether the work has stopped.`,
      labelNames: ['phase'],
      registers,
    });
    this.#refreshed = new Gauge({
      name: 'noetl_counts_refreshed_timestamp_seconds',
      help: 'When the counts of executions were read.',
      registers,
    });
    this.#failures = new Counter({
      name: 'noetl_counts_refresh_failures_total',
      help: 'Times that the counts of executions could not be read.',
      registers,
    });
    this.#duration = new Histogram({
      name: 'noetl_http_request_duration_seconds',
      help: 'Requests by route and status code.',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60],
      registers,
    });
    this.cancels = new Counter({
      name: 'noetl_cancels_total',
      help: 'Cancels asked for through this API, by outcome.',
      labelNames: ['outcome'],
      registers,
    });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** One answered request; `route` is the pattern, so that ids do not become labels. */
  observe(method: string, route: string, status: number, seconds: number): void {
    this.#duration.observe({ method, route, status: String(status) }, seconds);
  }

  /** The text that Prometheus reads. Waits for the first counts; later ones are refreshed behind the answer. */
  async text(): Promise<string> {
    if (performance.now() - this.#refreshedAt >= REFRESH_MS) {
      this.#refreshing ??= this.#refresh().finally(() => {
        this.#refreshing = null;
      });
      if (this.#refreshedAt === Number.NEGATIVE_INFINITY) await this.#refreshing;
    }
    return this.#registry.metrics();
  }

  async #refresh(): Promise<void> {
    try {
      const active = await this.store.activeExecutions({ polling: true });
      const { executions } = active;
      const report = await this.diagnose.diagnoseStale({ olderThanMs: DEFAULT_STALE_AFTER_MS, polling: true });
      this.#executions.set({ status: 'RUNNING' }, Math.max(0, executions.length - report.stale.length));
      this.#executions.set({ status: 'STALE' }, report.stale.length);
      const counts = new Map(report.byCode.map((each) => [each.code, each]));
      for (const code of STALE_CODES) {
        // While a condition of the engine holds, the count moves to safe="false".
        const { count = 0, safe = SAFE_CODES.has(code) } = counts.get(code) ?? {};
        this.#stale.set({ code, safe: String(safe) }, count);
        if (SAFE_CODES.has(code)) this.#stale.set({ code, safe: String(!safe) }, 0);
      }
      await this.#refreshConditions();
      const { byCode } = await this.runaway.find({ active, polling: true });
      for (const code of RUNAWAY_CODES) this.#runaway.set({ code }, byCode.get(code) ?? 0);
      await this.#refreshStops(report.asOf);
      for (const status of ['COMPLETED', 'FAILED', 'CANCELLED'] as const) {
        const filter = { status, since: report.asOf - HOUR_MS, limit: MOST_ENDED };
        const { executions: ended } = await this.store.recentExecutions(filter, { polling: true });
        this.#ended.set({ status }, ended.length);
      }
      this.#refreshed.set(Date.now() / 1000);
    } catch {
      // Old counts stay, with their age; the request for the metrics is not the one to fail.
      this.#failures.inc();
    }
    this.#refreshedAt = performance.now();
  }

  /** The follow service remembers what it has looked at, so that a refresh reads new events only. */
  async #refreshStops(asOf: number): Promise<void> {
    const cancels = await this.store.recentCancellations(MOST_STOPS, { since: asOf - DAY_MS, polling: true });
    const { states } = cancels.length === 0 ? { states: [] } : await this.follow.look(cancels);
    const counts = countPhases(states);
    for (const phase of STOP_PHASES) this.#stops.set({ phase }, counts[phase]);
  }

  async #refreshConditions(): Promise<void> {
    const { conditions, unknown } = await this.conditions.read({ polling: true });
    const away = new Set(this.store.shards?.gaps().map(({ shard }) => shard));
    for (const { shard } of this.store.shards?.databases ?? [])
      this.#shards.set({ shard: String(shard) }, away.has(shard) ? 0 : 1);
    for (const condition of CONDITION_CODES) {
      if (condition === 'shard-down' && !this.store.shards) continue;
      if (unknown.some(({ code }) => code === condition)) this.#conditions.remove({ condition });
      else this.#conditions.set({ condition }, conditions.some(({ code }) => code === condition) ? 1 : 0);
    }
  }
}
