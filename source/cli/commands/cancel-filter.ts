import type { CancelPlan } from '../../domain/cancellation.js';
import { displayStatus, type EpochMs, type Execution, silentFor } from '../../domain/execution.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import type { Filter } from '../../domain/filter.js';
import { RUNAWAY_CODES } from '../../domain/runaway/facts.js';
import { filterExecutions, type KnownExecution } from '../../service/filter-facts.js';
import { newestFirst } from '../../service/list.js';
import type { Services } from '../../service/use-cases.js';
import { formatDuration } from '../../text/duration.js';
import { matchesGlob } from '../../text/glob.js';
import { plural } from '../../text/words.js';
import type { Flags } from '../args/parsed-flags.js';
import { UsageError } from '../args/usage-error.js';
import { playbook } from '../output/execution-table.js';
import { paintStatus, statusWord } from '../output/style.js';
import { type Column, printTable } from '../output/table.js';
import type { Terminal } from '../output/terminal.js';

/** What an expression chose to cancel, as it was when it was read. */
export interface Chosen {
  readonly targets: readonly KnownExecution[];
  /** Healthy ones that match and that the expression does not name as such: left out. */
  readonly healthy: number;
  readonly asOf: EpochMs;
  readonly staleAfterMs: number;
}

/** How many executions `--yes` allows: any number, exactly so many, or none where it is not given. */
export type Consent = { readonly kind: 'none' | 'any' } | { readonly kind: 'exactly'; readonly count: number };

/** @throws UsageError */
export function consentOf(flags: Flags): Consent {
  const text = flags.text('yes');
  if (text === undefined) return { kind: 'none' };
  if (text === 'all') return { kind: 'any' };
  if (/^\d{1,9}$/.test(text)) return { kind: 'exactly', count: Number(text) };
  throw new UsageError(`--yes ${JSON.stringify(text)} is not a number of executions`);
}

/**
 * The executions that have not ended and match, with why they are stale. A healthy one (an event within the threshold)
 * is chosen only where the expression says that it means such: `status:running`, a runaway's code, or its id.
 */
export async function chooseByFilter(
  services: Services,
  filter: Filter,
  { staleAfterMs, signal }: { staleAfterMs: number; signal: AbortSignal },
): Promise<Chosen> {
  const active = await services.store.activeExecutions({ signal });
  const { asOf } = active;
  const matching = await filterExecutions(services, filter, active, { staleAfterMs, signal });
  const isHealthy = ({ execution }: KnownExecution) => displayStatus(execution, asOf, staleAfterMs) === 'RUNNING';
  const chosen = namesHealthy(filter) ? matching : matching.filter((one) => !isHealthy(one));
  const byId = new Map(chosen.map((one) => [one.execution.executionId, one]));
  const stale = chosen.flatMap((one) => (isHealthy(one) || one.diagnosis ? [] : one.execution.executionId));
  const diagnoses = await services.diagnose.diagnoseMany(stale, { olderThanMs: staleAfterMs, signal, active });
  const targets = newestFirst(chosen.map(({ execution }) => execution)).map((execution) => {
    const id = execution.executionId;
    const { diagnosis = null, runaway = null } = byId.get(id) ?? {};
    return { execution, runaway, diagnosis: diagnosis ?? diagnoses.get(id) ?? null };
  });
  return { targets, healthy: matching.length - chosen.length, asOf, staleAfterMs };
}

const namesHealthy = (filter: Filter): boolean =>
  filter.some(
    ({ term, not }) =>
      !not &&
      (term.kind === 'id' ||
        (term.kind === 'status' && term.status === 'RUNNING') ||
        (term.kind === 'why' && term.glob !== '*' && RUNAWAY_CODES.some((code) => matchesGlob(term.glob, code)))),
  );

/** What a cascade adds to the plan: nothing has judged these. */
function descendantsIn({ targets }: Chosen, plan: CancelPlan): ExecutionId[] {
  const chosen = new Set(targets.map(({ execution }) => execution.executionId));
  return plan.targets.flatMap(({ executionId }) => (chosen.has(executionId) ? [] : executionId));
}

/** Targets that only a counted yes may cancel: healthy ones, unsafe ones, and descendants. */
const needCount = (chosen: Chosen, plan: CancelPlan): boolean =>
  descendantsIn(chosen, plan).length > 0 || chosen.targets.some(({ diagnosis }) => diagnosis?.safe !== true);

/** Why the plan may not be written with this consent, and what would allow it; null where it may. */
export function refusalOf(chosen: Chosen, plan: CancelPlan, consent: Consent): string | null {
  const total = plan.targets.length;
  const counted = `--yes=${total}`;
  switch (consent.kind) {
    case 'none':
      return `nothing was written: ${needCount(chosen, plan) ? counted : `--yes or ${counted}`} cancels ${plural(total, 'execution')}`;
    case 'any':
      return needCount(chosen, plan)
        ? `nothing was written: not all of the plan is stale and safe; ${counted} cancels it`
        : null;
    case 'exactly':
      return consent.count === total
        ? null
        : `nothing was written: the plan has ${plural(total, 'execution')}, and --yes=${consent.count} allows exactly ${consent.count}`;
  }
}

/**
 * From when on an event means that an execution has resumed since the plan, and is skipped; undefined where
 * running ones are in the plan: they emit events all the time.
 */
export function quietSinceOf(chosen: Chosen, plan: CancelPlan): EpochMs | undefined {
  const { targets, asOf, staleAfterMs } = chosen;
  const isSilent = targets.every(({ execution }) => displayStatus(execution, asOf, staleAfterMs) === 'STALE');
  return isSilent && descendantsIn(chosen, plan).length === 0 ? asOf : undefined;
}

/** What was chosen, each with its status, silence and evidence; descendants of a cascade are counted. */
export function printChosen(chosen: Chosen, plan: CancelPlan, terminal: Terminal, form: string | null): void {
  const { targets, asOf, staleAfterMs } = chosen;
  const below = descendantsIn(chosen, plan);
  const cascade = below.length > 0 ? ` and ${plural(below.length, 'descendant')}` : '';
  terminal.print(`Would cancel ${plural(targets.length, 'execution')}${cascade}:`);
  printTable(targets, columnsAt(asOf, staleAfterMs), terminal, form);
  for (const id of below) terminal.print(`  - descendant ${id}`);
}

/** Says how many healthy ones match and were left out. */
export function noteHealthy({ healthy, staleAfterMs }: Chosen, terminal: Terminal): void {
  if (healthy === 0) return;
  terminal.note(
    `Left out: ${plural(healthy, 'healthy execution')} with an event in the last ${formatDuration(staleAfterMs)}; status:running in the expression chooses them.`,
  );
}

function columnsAt(now: EpochMs, staleAfterMs: number): readonly Column<KnownExecution>[] {
  const status = (execution: Execution) => displayStatus(execution, now, staleAfterMs);
  const why = ({ diagnosis, runaway }: KnownExecution) => diagnosis?.code ?? runaway?.code ?? 'healthy';
  return [
    {
      title: 'STATUS',
      cell: ({ execution }) => statusWord(status(execution)),
      paint: (cell, { execution }, style) => paintStatus(cell, status(execution), style),
      drop: 1,
    },
    { title: 'WHY', cell: why },
    { title: 'SAFE', cell: ({ diagnosis }) => (diagnosis?.safe ? 'yes' : 'no') },
    { title: 'EXECUTION', cell: ({ execution }) => execution.executionId },
    { title: 'SILENT', cell: ({ execution }) => formatDuration(silentFor(execution, now)), align: 'right' },
    { title: 'PLAYBOOK', cell: ({ execution }) => playbook(execution), least: 12 },
    { title: 'WORKER', cell: ({ execution }) => execution.lastEvent.workerId ?? '-', wide: true },
    {
      title: 'EVIDENCE',
      cell: ({ diagnosis, runaway }) => (diagnosis ?? runaway)?.evidence.sentence ?? '-',
      least: 20,
    },
  ];
}
