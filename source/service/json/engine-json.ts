import type { Condition, EngineState } from '../../domain/conditions/conditions.js';
import { isoTime } from './execution-json.js';

/** A condition as JSON, the same on the command line and in the API; times ISO 8601 in UTC. */
export const conditionJson = (
  { code, sentence, remedy, since, until, count, names }: Condition,
  now: number,
): Record<string, unknown> => ({
  condition: code,
  sentence,
  remedy,
  since: isoTime(since),
  until: isoTime(until),
  remaining_seconds: until === null ? null : Math.max(0, Math.ceil((until - now) / 1000)),
  count,
  names,
});

/** The state of the engine as JSON. `safe_to_judge` is false while nothing may be called safe. */
export const engineJson = ({ asOf, conditions, unknown, workers }: EngineState): Record<string, unknown> => ({
  as_of: isoTime(asOf),
  safe_to_judge: conditions.length === 0,
  conditions: conditions.map((condition) => conditionJson(condition, asOf)),
  unknown: unknown.map(({ code, why }) => ({ condition: code, why })),
  worker_liveness: workers === null ? 'unknown' : 'known',
  workers,
});
