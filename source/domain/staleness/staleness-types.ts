import type { EpochMs } from '../execution.js';
import type { ExecutionId } from '../execution-id.js';

/**
 * Why an execution is stale, in the order in which they are tried: what could still be healthy comes first
 * (product.md, "Why it is stale").
 */
export const STALE_CODES = [
  'awaiting-callback',
  'waiting-on-child',
  'parent-active',
  'live-claim',
  'recovering',
  'queued',
  'imported',
  'failed-step',
  'orphaned',
  'worker-lost',
  'never-claimed',
  'finalizing',
  'no-successor',
  'unknown',
] as const;
/** One of STALE_CODES. */
export type StaleCode = (typeof STALE_CODES)[number];

/** The codes whose cleaning is safe without asking. */
export const SAFE_CODES: ReadonlySet<StaleCode> = new Set<StaleCode>([
  'imported',
  'failed-step',
  'orphaned',
  'worker-lost',
  'never-claimed',
  'no-successor',
]);

/** What speaks for a diagnosis; every field is what the event table says, never a guess. */
export interface StaleEvidence {
  /** One sentence that an operator understands without the manual. */
  readonly sentence: string;
  /** The moment that the sentence names by its clock, in UTC; null where it names none. */
  readonly namedAt: EpochMs | null;
  readonly eventType: string | null;
  readonly node: string | null;
  readonly commandId: string | null;
  readonly workerId: string | null;
  readonly relatedExecutionId: ExecutionId | null;
  readonly at: EpochMs | null;
  readonly ageMs: number | null;
  /** Shared by all executions of one imported cohort. */
  readonly cohort: string | null;
}

/** Why one execution is stale, and whether a cleanup takes it by default. */
export interface Diagnosis {
  readonly code: StaleCode;
  readonly safe: boolean;
  readonly evidence: StaleEvidence;
}
