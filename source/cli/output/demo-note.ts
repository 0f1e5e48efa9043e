import type { Session } from '../open-services.js';
import type { Terminal } from './terminal.js';

/** After "not found" on a demo that began with this very command: no id from before can be in it. */
export function noteDemoEnds(session: Session, terminal: Terminal): void {
  if (!session.demo?.startedHere) return;
  terminal.note(
    "This demo was started for this command alone and has ids of its own; keep one running with 'noetl-console demo' in another terminal.",
  );
}
