import { notFound } from '../../domain/cancellation.js';
import { displayStatus } from '../../domain/execution.js';
import { DEFAULT_STALE_AFTER_MS } from '../../domain/execution-status.js';
import { visibleJson } from '../../domain/visible-text.js';
import { createConditionsService } from '../../service/conditions.js';
import { createDiagnoseService } from '../../service/diagnose.js';
import { executionJson } from '../../service/execution-json.js';
import { judgedDiagnoses } from '../../service/judged-diagnoses.js';
import type { CommandContext } from '../command.js';
import { EXIT } from '../exit-code.js';
import { readIds } from '../parse/ids.js';
import { noteDemoEnds } from '../print/demo-note.js';
import { noteEngine } from '../print/engine-notes.js';
import { statusLines } from '../print/status-lines.js';

/** `status <id>…`: what an execution is, its last event, its children, and why it is stuck. */
export async function run(context: CommandContext): Promise<number> {
  const { flags, terminal, signal } = context;
  const ids = readIds(context.input);
  const staleAfterMs = flags.duration('older-than') ?? DEFAULT_STALE_AFTER_MS;
  const session = await context.open();
  const { store } = session.services;
  const { executions, asOf } = await store.executionsById(ids, { signal });
  const byId = new Map(executions.map((execution) => [execution.executionId, execution]));
  const children = await store.childCounts(ids, { signal });
  const stale = executions
    .filter((execution) => displayStatus(execution, asOf, staleAfterMs) === 'STALE')
    .map((execution) => execution.executionId);
  const conditions = createConditionsService(store);
  const diagnose = judgedDiagnoses(createDiagnoseService(store), conditions);
  const diagnoses = await diagnose.diagnoseMany(stale, { olderThanMs: staleAfterMs, signal });
  if (stale.length > 0) noteEngine(await conditions.read({ maxAgeMs: Number.POSITIVE_INFINITY, signal }), terminal);
  const clock = { now: asOf, staleAfterMs };
  let printed = 0;
  for (const id of ids) {
    const execution = byId.get(id);
    if (!execution) {
      terminal.note(notFound(id));
      continue;
    }
    const below = children.get(id) ?? { all: 0, live: 0 };
    const diagnosis = diagnoses.get(id) ?? null;
    if (flags.on('json')) {
      terminal.print(visibleJson({ ...executionJson(execution, clock, diagnosis), children: below }));
    } else {
      if (printed > 0) terminal.print('');
      for (const line of statusLines(execution, { ...clock, diagnosis, children: below }, terminal.style)) {
        terminal.print(line);
      }
    }
    printed += 1;
  }
  if (printed === ids.length) return EXIT.done;
  noteDemoEnds(session, terminal);
  return EXIT.notFound;
}
