import type { FastifyInstance } from 'fastify';
import type { CleanupService } from '../../service/cleanup-types.js';
import type { DiagnoseService } from '../../service/diagnose-types.js';
import type { Services } from '../../service/services.js';
import type { CancelLine } from '../cancel-line.js';
import type { ApiMetrics } from '../metrics.js';

/** What the routes work with. */
export interface ApiContext {
  readonly services: Services;
  readonly diagnose: DiagnoseService;
  readonly cleanup: CleanupService;
  readonly cancels: CancelLine;
  readonly metrics: ApiMetrics;
  readonly version: string;
  /** `noetl-console/<version>`. */
  readonly source: string;
  /** True where SQL that reads may be sent. */
  readonly allowQuery: boolean;
}

/** One subject's routes. */
export type Routes = (app: FastifyInstance, context: ApiContext) => void;
