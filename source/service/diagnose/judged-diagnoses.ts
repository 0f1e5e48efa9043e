import type { EngineState } from '../../domain/conditions/conditions.js';
import type { Diagnosis } from '../../domain/staleness/staleness-types.js';
import type { EventStore } from '../../store/event-store.js';
import type { ConditionsService } from '../conditions.js';
import type { DiagnoseService } from './diagnose.js';
import type { StaleReport } from './stale-summary.js';

/** While one condition of the engine holds, nothing is safe: the codes and their evidence stay as they are. */
export const asSafeAs = (engine: EngineState, diagnosis: Diagnosis): Diagnosis =>
  engine.conditions.length > 0 && diagnosis.safe ? { ...diagnosis, safe: false } : diagnosis;

/** A report that calls nothing safe while a condition holds. */
export function judgedReport(report: StaleReport, engine: EngineState): StaleReport {
  if (engine.conditions.length === 0) return report;
  return {
    ...report,
    stale: report.stale.map((one) => ({ ...one, diagnosis: asSafeAs(engine, one.diagnosis) })),
    byCode: report.byCode.map((one) => ({ ...one, safe: false })),
    byPath: report.byPath.map((one) => ({ ...one, safe: 0 })),
  };
}

/** Reads that follow one another use one reading of the engine. */
const MAX_AGE_MS = 5_000;

/** The diagnoses as they may be shown: what the executions' own rows say, and safe only where the engine can be judged. */
export function judgedDiagnoses(
  store: Pick<EventStore, 'activeExecutions'>,
  diagnose: DiagnoseService,
  conditions: ConditionsService,
): DiagnoseService {
  // What has not ended is read once for both; by the conditions only where no worker is alive.
  const judging = ({ signal, polling, active }: Parameters<DiagnoseService['diagnoseStale']>[0]) => {
    const read = active ?? store.activeExecutions({ signal, polling });
    return { active: read, engine: conditions.read({ maxAgeMs: MAX_AGE_MS, signal, polling, active: read }) };
  };
  return {
    async diagnoseStale(options) {
      const { active, engine: judged } = judging(options);
      const [report, engine] = await Promise.all([diagnose.diagnoseStale({ ...options, active }), judged]);
      return judgedReport(report, engine);
    },
    async diagnoseMany(ids, options) {
      if (ids.length === 0) return new Map();
      const { active, engine: judged } = judging(options);
      const [diagnoses, engine] = await Promise.all([diagnose.diagnoseMany(ids, { ...options, active }), judged]);
      return new Map([...diagnoses].map(([id, diagnosis]) => [id, asSafeAs(engine, diagnosis)]));
    },
  };
}
