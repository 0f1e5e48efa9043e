import { notFound } from '../../domain/cancellation.js';
import { DEFAULT_STALE_AFTER_MS } from '../../domain/execution-status.js';
import type { ExecutionDescription } from '../../service/describe.js';
import { executionJson } from '../../service/json/execution-json.js';
import { visibleJson } from '../../text/visible-text.js';
import { readIds } from '../args/ids.js';
import type { CommandContext } from '../command.js';
import { EXIT } from '../output/exit-code.js';
import { noteDemoEnds, noteEngine } from '../output/notes.js';
import { statusLines } from '../output/status-lines.js';

/** `status <id>…`: what an execution is, its last event, its children, and why it is stuck. */
export async function run(context: CommandContext): Promise<number> {
  const { flags, terminal, signal } = context;
  const ids = readIds(context.input);
  const staleAfterMs = flags.duration('older-than') ?? DEFAULT_STALE_AFTER_MS;
  const session = await context.open();
  const { conditions, describe } = session.services;
  const described = await describe(ids, { signal, staleAfterMs });
  if ([...described.values()].some((one) => one.diagnosis !== null)) {
    noteEngine(await conditions.read({ maxAgeMs: Number.POSITIVE_INFINITY, signal }), terminal);
  }
  let printed = 0;
  for (const id of ids) {
    const one = described.get(id);
    if (!one) {
      terminal.note(notFound(id));
      continue;
    }
    const clock = { now: one.asOf, staleAfterMs };
    if (flags.on('json')) terminal.print(visibleJson(describedJson(one, clock)));
    else {
      if (printed > 0) terminal.print('');
      for (const line of statusLines(one.execution, { ...clock, ...one }, terminal.style)) terminal.print(line);
    }
    printed += 1;
  }
  if (printed === ids.length) return EXIT.done;
  noteDemoEnds(session, terminal);
  return EXIT.notFound;
}

function describedJson(one: ExecutionDescription, clock: { now: number; staleAfterMs: number }) {
  const { execution, diagnosis, children, firstError, parent, runMs } = one;
  return {
    ...executionJson(execution, clock, diagnosis),
    children,
    parent_status: parent?.status ?? null,
    run_seconds: runMs === null ? null : Math.round(runMs / 1000),
    first_error: firstError && {
      type: firstError.type,
      node: firstError.node,
      at: new Date(firstError.at).toISOString(),
      text: firstError.text,
    },
  };
}
