import type pg from 'pg';
import { EXIT } from '../source/cli/output/exit-code.js';
import type { Tally } from './tally.js';

/** The exit codes that the program's help promises. */
const DOCUMENTED_EXITS: ReadonlySet<number> = new Set(Object.values(EXIT));

/** What one canceller said of itself. */
export interface CancelClaim {
  readonly who: string;
  /** Null where the canceller does not know it (killed before it could report). */
  readonly batchId: string | null;
  /** Executions that it says it has cancelled. */
  readonly cancelled: readonly string[];
  /** Executions of which it says that it does not know. */
  readonly unknown?: readonly string[];
  /** Executions that it says somebody else ended. */
  readonly ended?: readonly string[];
}

interface CancelledRow {
  readonly id: string;
  readonly batches: string[];
}

/** Every execution's cancels as the table has them, by execution. */
export async function cancelsIn(pool: pg.Pool): Promise<Map<string, string[]>> {
  const { rows } = await pool.query<CancelledRow>(
    `SELECT execution_id::text AS id, array_agg(meta->>'batch_id') AS batches FROM noetl.event
      WHERE event_type = 'execution.cancelled' GROUP BY 1`,
  );
  return new Map(rows.map((row) => [row.id, row.batches]));
}

/** Holds the reports against the table: at most one cancel each, and every report true. */
export async function auditCancels(pool: pg.Pool, claims: readonly CancelClaim[], tally: Tally): Promise<void> {
  const cancels = await cancelsIn(pool);
  for (const [id, batches] of cancels) {
    tally.expect(batches.length === 1, 'doubled', () => `${id} has ${batches.length} cancels: ${batches.join(', ')}`);
  }
  const ends = await endsIn(pool);
  for (const { who, batchId, cancelled, unknown = [], ended = [] } of claims) {
    for (const id of cancelled) {
      const has = cancels.get(id)?.some((batch) => batchId === null || batch === batchId) === true;
      tally.expect(has, 'lost', () => `${who} says that it cancelled ${id}; the table has no such row`);
    }
    for (const id of ended) {
      tally.expect(ends.has(id), 'misreported', () => `${who} says that ${id} had ended; the table has no end of it`);
    }
    if (batchId === null) continue;
    const said = new Set([...cancelled, ...unknown]);
    for (const [id, batches] of cancels) {
      const unsaid = batches.includes(batchId) && !said.has(id);
      tally.expect(!unsaid, 'misreported', () => `${who} cancelled ${id} and does not say so`);
    }
  }
}

/** Executions that have a terminal event. */
async function endsIn(pool: pg.Pool): Promise<Set<string>> {
  const { rows } = await pool.query<{ id: string }>(
    `SELECT DISTINCT execution_id::text AS id FROM noetl.event
      WHERE event_type ~ '^(playbook|workflow)[._](completed|failed|cancelled)$' OR event_type = 'execution.cancelled'`,
  );
  return new Set(rows.map((row) => row.id));
}

/** The lines of `--json` as a claim; null when the program printed none. */
export function claimOf(who: string, stdout: string): CancelClaim | null {
  const lines = stdout.split('\n').filter((line) => line !== '');
  if (lines.length === 0) return null;
  const results = lines.map((line) => JSON.parse(line) as JsonResult);
  const batchId = results.find((each) => each.batch_id !== undefined)?.batch_id ?? null;
  return {
    who,
    batchId,
    cancelled: results.flatMap((each) => each.cancelled_executions),
    unknown: results.flatMap((each) => [
      ...(each.code === 'outcome-unknown' ? [each.execution_id] : []),
      ...(each.failed ?? [])
        .filter(({ message }) => /outcome unknown/.test(message))
        .map((other) => other.execution_id),
    ]),
    ended: results.filter((each) => each.code === 'ended').map((each) => each.execution_id),
  };
}

interface JsonResult {
  readonly execution_id: string;
  readonly cancelled_executions: string[];
  readonly batch_id?: string;
  readonly code?: string;
  readonly failed?: { readonly execution_id: string; readonly message: string }[];
}

/** A program's end must be one that is documented, without a stack trace. */
export function auditEnd(
  who: string,
  outcome: { readonly code: number | null; readonly stdout: string; readonly stderr: string },
  tally: Tally,
): void {
  const { code, stderr } = outcome;
  tally.expect(code !== null && DOCUMENTED_EXITS.has(code), 'broken', () => `${who} ended with ${code}: ${stderr}`);
  const trace =
    /^\s+at .*(:\d+:\d+|<anonymous>)\)?$/m.test(stderr) || /UnhandledPromise|Unhandled rejection/i.test(stderr);
  tally.expect(!trace, 'broken', () => `${who} printed a stack trace: ${stderr}`);
}
