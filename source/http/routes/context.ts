import type { FastifyInstance } from 'fastify';
import type { CleanupService } from '../../service/cleanup/cleanup.js';
import type { ConditionsService } from '../../service/conditions.js';
import type { DescribeService } from '../../service/describe.js';
import type { DiagnoseService } from '../../service/diagnose/diagnose.js';
import type { Services } from '../../service/use-cases.js';
import type { CancelCoalescer } from '../cancel-coalescer.js';
import type { ApiMetrics } from '../metrics.js';

/** What the routes work with. */
export interface ApiContext {
  readonly services: Services;
  readonly diagnose: DiagnoseService;
  readonly describe: DescribeService;
  readonly conditions: ConditionsService;
  readonly cleanup: CleanupService;
  readonly cancels: CancelCoalescer;
  readonly metrics: ApiMetrics;
  readonly version: string;
  /** `noetl-console/<version>`. */
  readonly source: string;
  /** True where SQL that reads may be sent. */
  readonly allowQuery: boolean;
  /** True where a cancel without a reason is refused. */
  readonly requireReason: boolean;
  /** The database role that it runs as; null where none is configured. */
  readonly queryRole: string | null;
}

/** One subject's routes. */
export type Routes = (app: FastifyInstance, context: ApiContext) => void;
