import { checkOlderThan, cleanedCodes, isCleaned } from '../domain/cleanup-rules.js';
import type { CancelService } from './cancel-types.js';
import { CleanupRun, type CleanupStore } from './cleanup-run.js';
import { CleanupRefused, type CleanupService, type CleanupSkip } from './cleanup-types.js';
import type { DiagnoseService } from './diagnose-types.js';
import { summarise } from './stale-summary.js';

/** Cancels what is stale and safe to cancel. */
export function createCleanupService(
  store: CleanupStore,
  services: { readonly diagnose: DiagnoseService; readonly cancel: CancelService },
): CleanupService {
  return {
    async plan({ olderThanMs, include, limit, signal }) {
      const threshold = checkOlderThan(olderThanMs);
      if (!threshold.ok) throw new CleanupRefused(threshold.problem);
      const codes = cleanedCodes(include);
      const report = await services.diagnose.diagnoseStale({ olderThanMs, ...(signal ? { signal } : {}) });
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
      return { asOf: report.asOf, olderThanMs, warning: threshold.warning, codes, targets, skipped, byCode, report };
    },

    run: (plan, request, options = {}) =>
      new CleanupRun(store, services, plan, { ...request, cascade: false }, options).run(),
  };
}
