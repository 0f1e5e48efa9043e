import type { Condition, EngineState } from '../../domain/conditions/conditions.js';
import { gapJson } from '../../service/json.js';
import { gapSentence, type ShardGap } from '../../store/shards/view.js';
import { visibleJson, visibleText } from '../../text/visible-text.js';
import type { Session } from '../open-services.js';
import type { Terminal } from './terminal.js';

/** One line for each condition that holds. */
export const conditionLines = (conditions: readonly Condition[]): string[] =>
  conditions.map(({ code, sentence }) => visibleText(`! ${code}: ${sentence}`));

/** What an operator has to know before reading why something is stale: which conditions hold, and what is not known. */
export function engineLines({ conditions, workers }: EngineState): { held: string[]; unknown: string[] } {
  const held = conditions.length === 0 ? [] : [...conditionLines(conditions), NOTHING_SAFE];
  return { held, unknown: workers === null ? [LIVENESS_UNKNOWN] : [] };
}

const NOTHING_SAFE = 'Nothing is safe to clean up while this holds. A cancel of chosen ids works.';
const LIVENESS_UNKNOWN = 'worker liveness unknown: an outage of the workers would not be seen here';

/** The same on stderr. */
export function noteEngine(engine: EngineState, terminal: Terminal): void {
  const { held, unknown } = engineLines(engine);
  for (const line of [...held, ...unknown.map((each) => `noetl-console: ${each}`)]) terminal.note(line);
}

/** Why a cleanup is refused, what to fix first, and how to override it. */
export function noteRefusal(conditions: readonly Condition[], terminal: Terminal): void {
  terminal.note('noetl-console: refused: nothing may be called stuck now');
  for (const condition of conditions) {
    for (const line of conditionLines([condition])) terminal.note(line);
    terminal.note(visibleText(`  → ${condition.remedy}`));
  }
  const flags = conditions.map(({ code }) => `--despite ${code}`).join(' ');
  terminal.note(`${flags} overrides it, and is written into each cancel. A cancel of chosen ids is never refused.`);
}

/** After "not found" on a demo that began with this very command: no id from before can be in it. */
export function noteDemoEnds(session: Session, terminal: Terminal): void {
  if (!session.demo?.startedHere) return;
  terminal.note(
    "This demo was started for this command alone and has ids of its own; keep one running with 'noetl-console demo' in another terminal.",
  );
}

/**
 * Says which shards the answers of this run were without: on stderr, and with `--json` as a last object `{"gap": …}`, so
 * that no reader takes a part for the whole.
 */
export function tellGaps(gaps: readonly ShardGap[], isJson: boolean, terminal: Terminal): void {
  for (const gap of gaps) {
    terminal.note(visibleText(`noetl-console: ${gapSentence(gap)}; what it holds is missing above`));
    if (isJson) terminal.print(visibleJson({ gap: gapJson(gap) }));
  }
}
