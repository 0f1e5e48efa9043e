import { Databases } from './harness/databases.js';
import { openStore } from './harness/store.js';
import * as q from '../source/store/queries/runaway.js';
import { tablesIn } from '../source/store/queries/tables.js';
import { createRunawayService } from '../source/service/runaway/service.js';
const d = new Databases(undefined, (l) => process.stderr.write(l + '\n'));
const db = await d.filled(Number(process.argv[2] ?? 1_000_000));
await db.freshen();
const t = tablesIn('noetl');
const store = openStore(db);
const active = await store.activeExecutions();
const ids = active.executions.filter((e) => active.asOf - e.lastEvent.at < 600_000).map((e) => e.executionId);
console.log('running', ids.length);
const paths = [...new Set(active.executions.map((e) => e.path!))];
const st = { stepIssues: q.stepIssues(t, ids.slice(0, 200), 20000), repeated: q.repeatedCommands(t, ids.slice(0, 200), 20000, 5), children: q.childRows(t, ids.slice(0, 200), 20000), name: q.startsByName(t, paths.slice(0, 50), 2000), lately: q.startsLately(t, paths, 100000), pace: q.eventPace(t, ids.slice(0, 50)) };
for (const [n, s] of Object.entries(st)) {
  await db.client.query('BEGIN; SET LOCAL jit=off'); await db.client.query(s.text, [...s.values]);
  const { rows } = await db.client.query('EXPLAIN (ANALYZE, BUFFERS) ' + s.text, [...s.values]); await db.client.query('ROLLBACK');
  const lines = rows.map((r: any) => r['QUERY PLAN']);
  console.log('==', n, lines.filter((l: string) => /Planning Time|Execution Time/.test(l)).join(' '), lines.find((l: string) => /Buffers/.test(l)), lines.some((l: string) => /Seq Scan on event/.test(l)) ? 'SEQ' : '');
  const u = [...new Set(lines.filter((l: string) => /Scan/.test(l) && !/never/.test(l)).map((l: string) => l.replace(/event_\w+?_(?=[a-z])/g, 'event_').replace(/.*->/, '').slice(0, 90)))];
  console.log(u.slice(0, 6).join('\n'));
}
for (let i = 0; i < 3; i++) { const s = createRunawayService(store); let a = performance.now(); const f = await s.find({ active }); let b = performance.now(); await s.find({ active }); console.log('first', (b - a).toFixed(0), 'again', (performance.now() - b).toFixed(0), f.examined, [...f.byCode], f.found[0]?.runaway.evidence.sentence); }
await store.close(); await d.close();
