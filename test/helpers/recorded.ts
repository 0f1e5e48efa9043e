import { readFileSync } from 'node:fs';
import type pg from 'pg';
import { emptyTables } from './empty-tables.js';
import { type EventRow, writeEvents } from './events.js';

/** A row of noetl.runtime as it stood at the end of a recording; times in milliseconds since 1970. */
interface RecordedRuntime {
  readonly name: string;
  readonly kind: string;
  readonly status: string;
  readonly registeredAt: number;
  readonly heartbeatAt: number;
}

export type RecordedRow = EventRow & {
  readonly event_id: string;
  readonly created_at: number;
  readonly event_type: string;
};

/** What a real engine wrote, as test/fixtures/recorded holds it (the notation is explained there). */
export interface Recording {
  /** By event_id within an execution. */
  readonly rows: readonly RecordedRow[];
  readonly runtime: readonly RecordedRuntime[];
}

const DAY = '2026-11-24T';
/** The server's sweeper marks a worker this long after its last heartbeat, in milliseconds. */
const OFFLINE_AFTER_MS = 60_000;
const LEASE_BEATS_MS = 60_000;

const timeOf = (clock: string): number => Date.parse(`${DAY}${clock.slice(0, 12)}Z`);
/** A moment of the recordings' day. */
export const at = timeOf;

export function readRecording(name: 'python' | 'rust'): Recording {
  const text = readFileSync(new URL(`../fixtures/recorded/${name}.txt`, import.meta.url), 'utf8');
  const keys = new Map<string, string[]>();
  const rows: RecordedRow[] = [];
  const runtime: RecordedRuntime[] = [];
  let execution = { id: '', path: '' };
  for (const line of text.split('\n')) {
    const [first = '', ...rest] = line.split(' ');
    if (first === '' || first === '#') continue;
    if (first === '!') {
      const [worker = '', kind = '', status = '', registered = '', heartbeat = ''] = rest;
      runtime.push({ name: worker, kind, status, registeredAt: timeOf(registered), heartbeatAt: timeOf(heartbeat) });
    } else if (first === '@') keys.set(rest[0] ?? '', rest.slice(1));
    else if (first === '=') execution = { id: rest[0] ?? '', path: rest[1] ?? '' };
    else rows.push(rowOf(execution, line, keys));
  }
  return { rows, runtime };
}

function rowOf(
  execution: { readonly id: string; readonly path: string },
  line: string,
  keys: ReadonlyMap<string, readonly string[]>,
): RecordedRow {
  const json = line.indexOf(' {');
  const extra = json < 0 ? {} : JSON.parse(line.slice(json + 1));
  const [event_id = '', clock = '', event_type = '', node = '', status = '', ...marks] = (
    json < 0 ? line : line.slice(0, json)
  ).split(' ');
  const known = new Map(marks.map((mark) => [mark.slice(0, mark.indexOf('=')), mark.slice(mark.indexOf('=') + 1)]));
  const [command = '', inCommand = ''] = split(known.get('cmd'));
  const [worker = '', inWorker = ''] = split(known.get('worker'));
  const meta = {
    ...Object.fromEntries((keys.get(known.get('keys') ?? '') ?? []).map((key) => [key, null])),
    // A JSON number beyond 2^53 is written by way of a mark, because JavaScript cannot hold it.
    ...(inCommand.includes('n') ? { command_id: `#${command}` } : {}),
    ...(inCommand.includes('m') ? { command_id: command } : {}),
    ...(inWorker.includes('m') ? { worker_id: worker } : {}),
    ...extra.meta,
  };
  const context = {
    ...(inCommand.includes('i') ? { command_id: `#${command}` } : {}),
    ...(inCommand.includes('r') ? { command_id: command } : {}),
    ...(extra.resultError === undefined ? {} : { error: extra.resultError }),
  };
  const result = known.get('result');
  return {
    execution_id: execution.id,
    event_id,
    created_at: timeOf(clock),
    event_type,
    node_name: node === '-' ? null : node,
    status: status === '-' ? null : status,
    path: execution.path,
    parent_execution_id: known.get('parent') ?? null,
    worker_id: inWorker.includes('c') ? worker : null,
    ...(inCommand.includes('c') ? { command_id: command } : {}),
    ...(Object.keys(meta).length > 0 ? { meta } : {}),
    ...(result === undefined ? {} : { result: { status: result, context } }),
    ...(extra.error === undefined ? {} : { error: extra.error }),
  };
}

/** `ID/where` into its two parts; an id may hold slashes, `where` does not. */
function split(mark: string | undefined): [string, string] {
  if (mark === undefined) return ['', ''];
  const cut = mark.lastIndexOf('/');
  return [mark.slice(0, cut), mark.slice(cut + 1)];
}

/** noetl.runtime as it was at a moment: registered by then, beating until its last beat, offline a minute later. */
export function runtimeAt(recording: Recording, moment: number): RecordedRuntime[] {
  return recording.runtime.flatMap((row) => {
    if (row.registeredAt > moment) return [];
    const period = row.kind === 'server_api' ? LEASE_BEATS_MS : 15_000;
    const beats = Math.floor((moment - row.registeredAt) / period) * period + row.registeredAt;
    const heartbeatAt = Math.min(row.heartbeatAt, beats);
    const ended = row.status === 'offline' && moment - row.heartbeatAt >= OFFLINE_AFTER_MS;
    return [{ ...row, heartbeatAt, status: ended ? 'offline' : 'ready' }];
  });
}

/**
 * Makes the database what it was at a moment, told as if that moment were now: every time is moved by the same amount,
 * because diagnoses use the database's clock. Returns that amount in milliseconds.
 */
export async function loadRecordingAt(pool: pg.Pool, recording: Recording, moment: number): Promise<number> {
  const shift = Date.now() - moment;
  await emptyTables(pool, 'event', 'runtime');
  await pool.query('DELETE FROM noetl.catalog');
  const rows = recording.rows.filter((row) => row.created_at <= moment);
  await writeEvents(
    pool,
    rows.map((row) => ({ ...row, created_at: row.created_at + shift })),
  );
  // Python writes command ids as JSON numbers.
  await pool.query(`UPDATE noetl.event SET
      meta = regexp_replace(meta::text, '"#([0-9]+)"', '\\1', 'g')::jsonb,
      result = regexp_replace(result::text, '"#([0-9]+)"', '\\1', 'g')::jsonb
    WHERE meta::text LIKE '%"#%' OR result::text LIKE '%"#%'`);
  await pool.query(
    `INSERT INTO noetl.runtime (runtime_id, name, kind, status, heartbeat, created_at)
      SELECT row_number() OVER (), w.name, w.kind, w.status, to_timestamp(w.heartbeat / 1000), to_timestamp(w.registered / 1000)
      FROM jsonb_to_recordset($1::jsonb) AS w (name text, kind text, status text, heartbeat float8, registered float8)`,
    [
      JSON.stringify(
        runtimeAt(recording, moment).map((row) => ({
          ...row,
          heartbeat: row.heartbeatAt + shift,
          registered: row.registeredAt + shift,
        })),
      ),
    ],
  );
  return shift;
}
