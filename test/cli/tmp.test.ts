import { it } from 'vitest';
import { createTestDatabase } from '../helpers/database.js';
import { PassThrough } from 'node:stream';
import pg from 'pg';
import { parseCommandLine } from '../../source/cli/args/command-line.js';
import { GLOBAL_FLAGS, ROOT_FLAGS } from '../../source/cli/args/flag-specs.js';
import { COMMANDS } from '../../source/cli/commands/index.js';
import { openSession, type Session } from '../../source/cli/open-services.js';
import { processTerminal } from '../../source/cli/output/terminal.js';

it('t', async () => {
  const db = await createTestDatabase();
  await db.pool.query("INSERT INTO noetl.catalog (catalog_id, path, version, kind, content) SELECT n, 'p/' || n, 1, 'playbook', '' FROM generate_series(1, 20) n");
  // 600 executions over all partitions, of 60 rows; every 20th is stale
  await db.pool.query(`INSERT INTO noetl.event (execution_id, event_id, catalog_id, parent_execution_id, created_at, event_type, node_name, status, meta, result)
   SELECT id, id + o, 1 + x % 20, CASE WHEN x % 3 = 1 AND o = 0 THEN prev END, at + o * interval '1 s', CASE WHEN o = 0 THEN CASE x % 2 WHEN 0 THEN 'playbook.initialized' ELSE 'playbook_started' END WHEN o = 61 THEN 'playbook.completed' ELSE (ARRAY['command.issued', 'command.claimed', 'command.started', 'call.done', 'command.completed'])[1 + (o - 1) % 5] END, 'step' || (o - 1) / 5, 'X',
     CASE WHEN o BETWEEN 1 AND 60 THEN jsonb_build_object('command_id', id || ':' || (o - 1) / 5, 'worker_id', 'w1') ELSE '{}' END, NULL
   FROM generate_series(1, 600) x, LATERAL (SELECT ((extract(epoch FROM now() - (600 - x) * interval '6 hours') - 1704067200) * 1000)::bigint << 22 AS id, ((extract(epoch FROM now() - (601 - x) * interval '6 hours') - 1704067200) * 1000)::bigint << 22 AS prev, (now() - interval '1 hour' - (600 - x) * interval '6 hours') AT TIME ZONE 'UTC' AS at) i, generate_series(0, 61) o
   WHERE NOT (x % 20 = 0 AND o > 42)`);
  await db.pool.query("INSERT INTO noetl.runtime (runtime_id, name, kind, heartbeat) VALUES (1, 'w1', 'worker_pool', now() - interval '2 days'), (2, 'w2', 'worker_pool', now() + interval '1 day')");
  await db.pool.query('VACUUM (ANALYZE) noetl.event');
  const { rows: [st] } = await db.pool.query(`SELECT execution_id::text id FROM noetl.event WHERE event_type IN ('playbook_started', 'playbook.initialized') AND execution_id NOT IN (SELECT execution_id FROM noetl.event WHERE event_type = 'playbook.completed') ORDER BY created_at DESC OFFSET 5 LIMIT 1`);
  const { rows: [en] } = await db.pool.query(`select execution_id::text id from noetl.event where event_type='playbook.completed' order by created_at desc limit 1`);
  const captured: [string, unknown[] | undefined][] = [];
  const original = pg.Client.prototype.query;
  let capturing = false;
  (pg.Client.prototype as any).query = function (this: any, a: any, b: any, c: any) { if (capturing) captured.push([typeof a === 'string' ? a : a.text, a.values ?? b]); return (original as any).call(this, a, b, c); };
  for (const argv of [['stale', '--json'], ['status', st.id], ['status', en.id], ['list'], ['cancelled']]) {
    captured.length = 0; capturing = true;
    await run(db.url, argv); capturing = false;
    const stmts = [...captured];
    const c = new pg.Client(db.url); await c.connect();
    const out: string[] = []; let total = 0;
    for (const [text, values] of stmts) { if (!/^(BEGIN|COMMIT|SET|SELECT|WITH|ROLLBACK)/.test(text)) console.log('??', text.slice(0, 80)); const s = performance.now(); await (original as any).call(c, { text, values }); const d = performance.now() - s; total += d; if (d > 3) out.push(`${d.toFixed(0)}: ${text.replace(/\s+/g, ' ').slice(0, 70)} … ${/FROM (\w+ )/.exec(text)?.[1] ?? ''}`); }
    console.log('T', argv.join(' '), 'server total', total.toFixed(0), 'statements', stmts.length, '\n   ' + out.join('\n   '));
    await c.end();
  }
  await db.close();
}, 300_000);
async function run(url: string, argv: readonly string[]) {
  const output = new PassThrough();
  output.resume();
  const env = { DATABASE_URL: url, XDG_CONFIG_HOME: '/nonexistent' };
  const terminal = processTerminal({ stdin: new PassThrough(), stdout: output, stderr: output, env } as unknown as NodeJS.Process, true);
  const { command, flags, input } = parseCommandLine(argv, { commands: COMMANDS, rootFlags: ROOT_FLAGS, globalFlags: GLOBAL_FLAGS });
  const { signal } = new AbortController();
  const sessions: Session[] = [];
  const open = async () => { const session = await openSession({ flags, env, terminal, signal }); sessions.push(session); return session; };
  await (await command!.load()).run({ flags, input, terminal, env, signal, open, releaseSignals: () => {} });
  for (const session of sessions) await session.close();
}
