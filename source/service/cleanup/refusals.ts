import type { Condition } from '../../domain/conditions/conditions.js';

/** A cleanup that does not begin because nothing may be judged now. Its message says what to fix. */
export class CleanupBlocked extends Error {
  override readonly name = 'CleanupBlocked';
  constructor(readonly conditions: readonly Condition[]) {
    super(blockedWords(conditions));
  }
}

/** Why a cleanup is refused and what to fix first, in one line. */
export const blockedWords = (conditions: readonly Condition[]): string =>
  `nothing may be called stuck now: ${conditions.map(({ code, sentence, remedy }) => `${code}: ${sentence} (${remedy})`).join('; ')}`;

/** A cleanup that is not begun, with the reason in one sentence. */
export class CleanupRefused extends Error {
  override readonly name = 'CleanupRefused';
}
