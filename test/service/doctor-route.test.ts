import { describe, expect, it } from 'vitest';
import { checkRoute, type RouteFacts, type ServerFinding } from '../../source/service/doctor-route.js';

const LOG = { rows: 200, medianLagMs: 3, chain: { unchained: 0, forks: 0 } };
const rust: ServerFinding = { ok: true, url: 'http://noetl:8082', kind: 'rust', version: '3.83.1', sight: null };
const says = (status: string): ServerFinding => ({
  ...rust,
  sight: { executionId: '7', says: { kind: 'status', status } },
});
const found = (over: Partial<RouteFacts> = {}) =>
  checkRoute({ via: 'table', from: 'the default', server: null, log: LOG, isLogBehind: false, ...over }).map(
    ({ name, level, finding, remedy }) => `${name} ${level}: ${finding}${remedy === null ? '' : ` → ${remedy}`}`,
  );

describe('which way a cancel should take', () => {
  it('the table, where nothing speaks against it; and why that can be second best', () => {
    expect(found()).toEqual([
      'events ok: the newest 200 events reached the table less than a second after they were made (median)',
      'events ok: the newest events are chained by prev_event_id',
      expect.stringMatching(
        /^cancel ok: cancels are written to the table \(from the default\): right where the server inserts.*goes on driving until it restarts$/,
      ),
    ]);
  });

  it('the server, where one is configured and answers', () => {
    const lines = found({ via: 'api', from: 'profile prod', server: says('RUNNING') });
    expect(lines[0]).toBe("server ok: NoETL's Rust server 3.83.1 answers at http://noetl:8082");
    expect(lines[1]).toBe('server ok: the server and the table agree: execution 7 runs');
    expect(lines.at(-1)).toBe('cancel ok: cancels go through the server (from profile prod)');
  });

  it('names what answers, noetl-console itself too', () => {
    const named = (server: ServerFinding) => found({ via: 'api', server })[0];
    expect(named({ ...rust, kind: 'console', version: '0.1.0' })).toBe(
      'server ok: the API of noetl-console 0.1.0 answers at http://noetl:8082',
    );
    expect(named({ ...rust, kind: 'python', version: null })).toBe(
      "server ok: NoETL's Python server answers at http://noetl:8082",
    );
  });

  it('the server, where the log looks as if another wrote it', () => {
    const late = { ...LOG, medianLagMs: 12_000 };
    expect(found({ log: late }).at(-1)).toMatch(
      /^cancel warning: .* → name the server \(--server URL, or server in the profile\)$/,
    );
    expect(found({ log: late })[0]).toMatch(
      /^events ok: .* 12s after they were made \(median\), as where a materialiser writes them$/,
    );
    const forked = { ...LOG, chain: { unchained: 0, forks: 2 } };
    expect(found({ log: forked, server: rust }).at(-1)).toMatch(/^cancel warning: .* → use --via api$/);
    expect(found({ log: forked })[1]).toMatch(
      /^events warning: 2 of the newest events name a predecessor that another one names too/,
    );
  });

  it('the server, where the log lacks rows: a check of its own says so, and none says otherwise', () => {
    const lines = found({ isLogBehind: true, server: says('COMPLETED') });
    expect(lines.filter((line) => line.includes('reached the table'))).toEqual([]);
    expect(lines[1]).toMatch(
      /^server warning: the server says COMPLETED of execution 7.*→ the log is behind the server/,
    );
    expect(lines.at(-1)).toMatch(/^cancel warning: .* → use --via api$/);
  });

  it('the table, where the newest rows were imported: that says nothing of the server', () => {
    expect(found({ log: { ...LOG, medianLagMs: 86_400_000 } }).map((line) => line.split(':')[0])).toEqual([
      'events ok',
      'events ok',
      'cancel ok',
    ]);
  });

  it('the table for a Python server, which keeps no name', () => {
    expect(found({ server: { ...rust, kind: 'python', version: null } }).at(-1)).toMatch(
      /^cancel ok: .* right for the Python server/,
    );
  });

  it.each<[string, ServerFinding, RegExp]>([
    ['CANCELLED', says('CANCELLED'), /^server warning: the server says CANCELLED of execution 7.*→ run doctor again/],
    ['FAILED', says('FAILED'), /^server ok: the server says FAILED of execution 7, which has no end in the table/],
    [
      'not to know it',
      { ...rust, sight: { executionId: '7', says: { kind: 'unknown' } } },
      /^server problem: .*is it the server of this database\?/,
    ],
    [
      'nothing',
      { ...rust, sight: { executionId: '7', says: { kind: 'no-answer', why: '500 x' } } },
      /^server warning: .*\(500 x\)/,
    ],
  ])('a server that says %s of an execution that runs by the table', (_name, server, line) => {
    expect(found({ server })[1]).toMatch(line);
  });

  it('a server that cannot be used is a problem where cancels go through it, and a warning else', () => {
    const server: ServerFinding = { ok: false, problem: 'cannot reach the NoETL server' };
    expect(found({ server, via: 'api', from: '--server' })[0]).toBe('server problem: cannot reach the NoETL server');
    expect(found({ server })[0]).toBe('server warning: cannot reach the NoETL server');
  });
});
