import { checkOlderThan, cleanedCodes, isCleaned } from '../../domain/cleanup-rules.js';
import { notOverridden } from '../../domain/conditions/conditions.js';
import type { CancelService } from '../cancel/cancel-types.js';
import { type ConditionsService, createConditionsService } from '../conditions/conditions.js';
import type { DiagnoseService, StaleReport } from '../diagnose/diagnose-types.js';
import { judgedReport } from '../diagnose/judged-diagnoses.js';
import { summarise } from '../diagnose/stale-summary.js';
import { CleanupRun, type CleanupStore } from './cleanup-run.js';
import { type CleanupOptions, CleanupRefused, type CleanupService, type CleanupSkip } from './cleanup-types.js';

/**
 * Cancels what is stale and safe to cancel. The conditions of the engine are read on the same store unless a service is
 * given that others read too.
 */
export function createCleanupService(
  store: CleanupStore,
  given: {
    readonly diagnose: DiagnoseService;
    readonly cancel: CancelService;
    readonly conditions?: ConditionsService;
  },
): CleanupService {
  const services = { ...given, conditions: given.conditions ?? createConditionsService(store) };
  return {
    async plan({ olderThanMs, include, wanted, limit, despite = [], signal }) {
      const threshold = checkOlderThan(olderThanMs);
      if (!threshold.ok) throw new CleanupRefused(threshold.problem);
      const codes = cleanedCodes(include);
      const reading = signal ? { signal } : {};
      const diagnosed = await services.diagnose.diagnoseStale({ olderThanMs, ...reading });
      const engine = await services.conditions.read(reading);
      const report = judgedReport(wanted ? ofPaths(diagnosed, wanted) : diagnosed, engine);
      const chosen = report.stale.filter(({ diagnosis }) => isCleaned(diagnosis, codes));
      const targets = limit === undefined ? chosen : chosen.slice(0, limit);
      const skipped: CleanupSkip[] = [
        ...report.stale
          .filter(({ diagnosis }) => !isCleaned(diagnosis, codes))
          .map(({ execution, diagnosis }) => ({
            executionId: execution.executionId,
            code: diagnosis.code,
            why: 'not-safe' as const,
            detail: diagnosis.evidence.sentence,
          })),
        ...chosen.slice(targets.length).map(({ execution, diagnosis }) => ({
          executionId: execution.executionId,
          code: diagnosis.code,
          why: 'over-limit' as const,
          detail: `beyond the limit of ${limit}`,
        })),
      ];
      const { byCode } = summarise(targets);
      const plan = {
        asOf: report.asOf,
        olderThanMs,
        warning: threshold.warning,
        codes,
        targets,
        skipped,
        byCode,
        report,
      };
      return { ...plan, engine, despite, refusedBy: notOverridden(engine, despite) };
    },

    run: (plan, request, options = {}) =>
      new CleanupRun(store, services, plan, { ...request, cascade: false }, options).run(),
  };
}

/** A report of the wanted playbooks only: the others are neither cancelled nor listed as left alone. */
function ofPaths(report: StaleReport, wanted: NonNullable<CleanupOptions['wanted']>): StaleReport {
  const stale = report.stale.filter(({ execution }) => wanted(execution.path));
  return { ...report, stale, ...summarise(stale) };
}
