import { gapJson } from '../../service/json.js';
import { gapSentence, type ShardGap } from '../../store/shards/view.js';
import { visibleJson, visibleText } from '../../text/visible-text.js';
import type { Terminal } from './terminal.js';

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
