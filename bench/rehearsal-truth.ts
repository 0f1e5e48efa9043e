/**
 * What cleanups with several thresholds would have done to generated days whose futures are known:
 * `npx tsx bench/rehearsal-truth.ts` prints the tables of docs/staleness.md. No database is needed.
 */
import { ASSUMPTIONS, type Assumption, type RehearsalRules, rehearse } from '../source/domain/rehearsal/rehearse.js';
import { DEFAULT_THRESHOLDS } from '../source/domain/staleness/stale-facts.js';
import { SAFE_CODES, STALE_CODES } from '../source/domain/staleness/staleness-types.js';
import { Engine, type EngineOptions, type Future, HOUR, MINUTE } from '../test/helpers/futures/engine.js';
import { familiesOf } from '../test/helpers/futures/judge.js';
import { dayOf, HEALTHY } from '../test/helpers/futures/scenarios.js';

const START = Date.UTC(2026, 5, 1);
const SEEDS = [1, 2, 3, 4, 5];
const THRESHOLDS = [1, 2, 5, 7, 10, 15, 30, 60, 120, 240].map((minutes) => minutes * MINUTE);
/** As many as the published accident counts. */
const RUNS = 344;

interface Column {
  readonly codes: RehearsalRules['codes'];
  readonly assumption: Assumption;
}
const BY_SILENCE: Column = { codes: new Set(STALE_CODES), assumption: 'lost' };
const RULES: readonly Column[] = ASSUMPTIONS.map((assumption) => ({ codes: SAFE_CODES, assumption }));

/** Of one day: would have been cancelled, and of those went on. */
function counts(day: readonly Future[], engine: Engine, staleAfterMs: number, { codes, assumption }: Column) {
  const families = familiesOf(day);
  const window = { from: START, to: engine.to };
  const rules = { window, codes, thresholds: { ...DEFAULT_THRESHOLDS, staleAfterMs } };
  let [cancelled, wentOn] = [0, 0];
  for (const family of families.values()) {
    const { finding } = rehearse(family, rules)[assumption];
    if (!finding) continue;
    cancelled += 1;
    if (finding.later === 'went-on') wentOn += 1;
  }
  return { cancelled, wentOn };
}

function printTable(
  title: string,
  columns: readonly Column[],
  make: (engine: Engine) => Future[],
  options: EngineOptions,
) {
  const days = SEEDS.map((seed) => {
    const engine = new Engine(seed, START, options);
    return { engine, day: make(engine) };
  });
  const executions = days.map(({ day }) => day.length);
  console.log(`\n${title}; ${Math.min(...executions)} executions a day, seeds ${SEEDS.join(', ')}`);
  for (const staleAfterMs of THRESHOLDS) {
    const cells = columns.map((column) => {
      const each = days.map(({ day, engine }) => counts(day, engine, staleAfterMs, column));
      const list = (key: 'cancelled' | 'wentOn') => each.map((one) => one[key]).join(' ');
      return `${list('cancelled')} | ${list('wentOn')}`;
    });
    console.log(`| ${staleAfterMs / MINUTE}m | ${cells.join(' | ')} |`);
  }
}

const ordinary = (engine: Engine) => Array.from({ length: RUNS }, () => HEALTHY(engine)).flat();
const mixed = (engine: Engine) => dayOf(engine, { ordinary: RUNS, ofEach: 10 });
const quiet = { hasReaper: true, outage: null };
printTable(
  `${RUNS} ordinary runs, no queue, by silence alone`,
  [BY_SILENCE],
  (engine) => {
    Object.assign(engine, { queueFrom: Number.POSITIVE_INFINITY });
    return ordinary(engine);
  },
  quiet,
);
printTable(
  'a mixed day: by silence alone, by the rule, by the rule with all workers lost',
  [BY_SILENCE, ...RULES],
  mixed,
  quiet,
);
printTable('the same with an outage of 100 minutes', [BY_SILENCE, ...RULES], mixed, {
  hasReaper: true,
  outage: { from: 2 * HOUR, to: 220 * MINUTE },
});
