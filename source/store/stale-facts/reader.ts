import { COMMAND_CLAIMED, COMMAND_ISSUED } from '../../domain/event-types.js';
import { withoutLooseEnds } from '../../domain/staleness/loose-ends.js';
import type { OutstandingCommand } from '../../domain/staleness/stale-facts.js';
import { chunked, read, type StoreContext } from '../connection/context.js';
import { loadedWithNeighbours } from './cohorts.js';
import { type FirstErrorRow, firstError } from './first-error.js';
import { type RecentClaimsRow, recentClaims } from './recent-claims.js';
import {
  factsSettings,
  finishedSince,
  type LooseRow,
  type OpenCommandRow,
  type RecordedFactsRow,
  recordedFacts,
  rowCounts,
} from './statements.js';
import type { RecordedFacts, StaleFactsReader } from './types.js';

/** Some 88 rows an execution are usual, 200,000 have been seen: statements are made by rows, not by executions. */
const ROWS_A_STATEMENT = 100_000;
/** Planning over 17 partitions costs as much as the facts of some 150 executions, so statements are few. */
const IDS_A_STATEMENT = 2_000;
/** Rows are counted no further; ten executions of unknown length still end well within a statement's timeout. */
const COUNT_CAP = 10_000;

export function staleFactsReader(context: StoreContext): StaleFactsReader {
  const { tables } = context;
  return {
    recordedFacts: (ids, options) =>
      read(context, options, async (transaction) => {
        const found = new Map<string, RecordedFacts>();
        const sizes: { execution_id: string; rows: number }[] = [];
        for (const chunk of chunked([...new Set(ids)])) {
          sizes.push(
            ...(await transaction.query<{ execution_id: string; rows: number }>(rowCounts(tables, chunk, COUNT_CAP))),
          );
        }
        await transaction.query(factsSettings());
        for (const statement of bySize(sizes)) {
          const rows = await transaction.query<RecordedFactsRow & Record<string, unknown>>(
            recordedFacts(tables, statement),
          );
          for (const row of rows) found.set(row.execution_id, mapFacts(row));
        }
        return found;
      }),

    finishedSince: (since, options) =>
      read(context, options, async (transaction) =>
        (await transaction.query<{ execution_id: string }>(finishedSince(tables, since))).map(
          (row) => row.execution_id,
        ),
      ),

    firstErrorOf: (id, options) =>
      read(context, options, async (transaction) => {
        const [row] = await transaction.query<FirstErrorRow & Record<string, unknown>>(firstError(tables, id));
        return row ? { type: row.event_type, node: row.node_name, at: row.at, text: row.text } : null;
      }),

    recentClaims: (since, options) =>
      read(context, options, async (transaction) => {
        const [row] = await transaction.query<RecentClaimsRow & Record<string, unknown>>(recentClaims(tables, since));
        return {
          workers: new Set(row?.workers ?? []),
          newestIssue: row?.newest_issue ?? null,
          complete: row?.complete ?? false,
        };
      }),

    loadedWithNeighbours: (loads, options) =>
      read(context, options, async (transaction) => {
        const found = new Set<string>();
        for (const chunk of chunked(loads)) {
          const rows = await transaction.query<{ execution_id: string }>(loadedWithNeighbours(tables, chunk));
          for (const row of rows) found.add(row.execution_id);
        }
        return found;
      }),
  };
}

/** Executions in statements of a bounded number of rows. */
function bySize(sizes: readonly { execution_id: string; rows: number }[]): string[][] {
  const statements: string[][] = [];
  let room = 0;
  for (const { execution_id: id, rows } of sizes) {
    const last = statements.at(-1);
    if (last && rows <= room && last.length < IDS_A_STATEMENT) last.push(id);
    else {
      statements.push([id]);
      room = ROWS_A_STATEMENT;
    }
    room -= rows;
  }
  return statements;
}

function mapFacts(row: RecordedFactsRow): RecordedFacts {
  const open = withoutLooseEnds((row.open ?? []).map(openCommand), (row.loose_ends ?? []).map(looseEnd));
  const parked = withoutLooseEnds((row.parked ?? []).map(openCommand), (row.loose_answers ?? []).map(looseEnd));
  const callback = parked.at(0);
  const { ingest_time: ingestTime, ingest_at: at } = row;
  return {
    outstanding: open.map(
      (command): OutstandingCommand => ({
        commandKey: command.key,
        node: command.node,
        stage: command.type === COMMAND_ISSUED ? 'issued' : command.type === COMMAND_CLAIMED ? 'claimed' : 'started',
        workerId: command.workerId,
        eventType: command.type,
        at: command.at,
      }),
    ),
    pendingCallback: callback
      ? { commandKey: callback.key, node: callback.node, eventType: callback.type, at: callback.at }
      : null,
    lastFinished:
      row.finished_type !== null && row.finished_at !== null
        ? { type: row.finished_type, node: row.finished_node, at: row.finished_at }
        : null,
    lastFailure:
      row.failed_type !== null && row.failed_at !== null
        ? { type: row.failed_type, node: row.failed_node, at: row.failed_at, text: row.failed_text }
        : null,
    ingest:
      ingestTime !== null && at !== null && ingestTime === row.first_ingest_time
        ? { ingestTime, at, lagMs: Math.max(0, row.lag_ms ?? 0), lastEventAt: row.last_at }
        : null,
  };
}

const openCommand = (row: OpenCommandRow) => ({ ...row, eventId: row.event_id, workerId: row.worker });
const looseEnd = (row: LooseRow) => ({ node: row.node, workerId: row.worker, eventId: row.event_id, count: row.count });
