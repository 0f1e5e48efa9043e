import { gapJson } from '../../service/json/gap-json.js';
import type { EventStore } from '../../store/event-store.js';
import { gapSentence } from '../../store/shards/view.js';
import { visibleJson, visibleText } from '../../text/visible-text.js';
import type { Terminal } from './terminal.js';

/**
 * Says which shards the answers of this run were without: on stderr, and with `--json` as a last object `{"gap": …}`, so
 * that no reader takes a part for the whole. True where there is one.
 */
export function tellGaps({ shards }: Pick<EventStore, 'shards'>, isJson: boolean, terminal: Terminal): boolean {
  const gaps = shards?.missed() ?? [];
  for (const gap of gaps) {
    terminal.note(visibleText(`noetl-console: ${gapSentence(gap)}; what it holds is missing above`));
    if (isJson) terminal.print(visibleJson({ gap: gapJson(gap) }));
  }
  return gaps.length > 0;
}
