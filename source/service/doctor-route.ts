import type { CancelPath } from '../domain/cancellation.js';
import type { LogFacts } from '../store/inspection.js';
import { formatDuration } from '../text/duration.js';
import type { Check } from './doctor.js';

/** What a configured server was found to be; its failure in one line where it cannot be used. */
export type ServerFinding =
  | {
      readonly ok: true;
      readonly url: string;
      /** `console`: the API of `noetl-console serve`. */
      readonly kind: 'rust' | 'python' | 'console';
      readonly version: string | null;
      /** An execution that runs by the table, and what the server says of it. */
      readonly sight: { readonly executionId: string; readonly says: Says } | null;
    }
  | { readonly ok: false; readonly problem: string };

type Says =
  | { readonly kind: 'status'; readonly status: string }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'no-answer'; readonly why: string };

export interface RouteFacts {
  readonly via: CancelPath;
  /** What said so. */
  readonly from: string;
  /** Null where no server is configured. */
  readonly server: ServerFinding | null;
  readonly log: LogFacts;
  /** The condition log-behind holds, which is a check of its own. */
  readonly isLogBehind: boolean;
}

/** A server that inserts its own events does so within milliseconds; a materialiser works in cycles. */
const MATERIALISED_MS = 1000;
/** No materialiser that works is this late; rows that are were loaded from elsewhere. */
const IMPORTED_MS = 3_600_000;

/** Judges which way a cancel should take, from what the server and the newest rows show. Pure. */
export function checkRoute(facts: RouteFacts): Check[] {
  const { server, log } = facts;
  return [
    ...(server === null ? [] : serverChecks(server, facts)),
    ...lagCheck(facts),
    ...chainCheck(log),
    wayCheck(facts),
  ];
}

const check = (name: Check['name'], level: Check['level'], finding: string, remedy: string | null = null): Check => ({
  name,
  level,
  finding,
  remedy,
});

const SERVER_NAMES = {
  rust: "NoETL's Rust server",
  python: "NoETL's Python server",
  console: 'the API of noetl-console',
} as const;

function serverChecks(server: ServerFinding, { via, isLogBehind }: RouteFacts): Check[] {
  if (!server.ok) return [check('server', via === 'api' ? 'problem' : 'warning', server.problem)];
  const name = `${SERVER_NAMES[server.kind]} ${server.version ?? ''}`.trim();
  const checks = [check('server', 'ok', `${name} answers at ${server.url}`)];
  if (server.sight === null) return checks;
  const { executionId, says } = server.sight;
  if (says.kind === 'unknown') {
    checks.push(
      check(
        'server',
        'problem',
        `it does not know execution ${executionId}, which runs by the table`,
        'is it the server of this database? Check --server and --database-url',
      ),
    );
  } else if (says.kind === 'no-answer') {
    checks.push(
      check('server', 'warning', `it does not say how execution ${executionId} is (${says.why})`, 'check its log'),
    );
  } else if (says.status === 'RUNNING') {
    checks.push(check('server', 'ok', `the server and the table agree: execution ${executionId} runs`));
  } else if (says.status === 'FAILED') {
    const why = 'a failed step counts as an end there, and writes none: a cancel closes it';
    checks.push(
      check(
        'server',
        'ok',
        `the server says FAILED of execution ${executionId}, which has no end in the table: ${why}`,
      ),
    );
  } else {
    checks.push(
      check(
        'server',
        'warning',
        `the server says ${says.status} of execution ${executionId}, which runs by the table`,
        isLogBehind
          ? 'the log is behind the server; judge nothing by the table until it has caught up'
          : 'run doctor again; if it stays so, the server reads other events than these: check --server and --database-url',
      ),
    );
  }
  return checks;
}

const isLate = ({ medianLagMs }: LogFacts): boolean =>
  medianLagMs !== null && medianLagMs >= MATERIALISED_MS && medianLagMs < IMPORTED_MS;

/** While rows are missing, how soon the others came shows nothing. */
function lagCheck({ log, isLogBehind }: RouteFacts): Check[] {
  if (log.medianLagMs === null) return [check('events', 'ok', 'there are no events yet')];
  if (isLogBehind) return [];
  const after = log.medianLagMs < MATERIALISED_MS ? 'less than a second' : formatDuration(log.medianLagMs);
  const finding = `the newest ${log.rows} events reached the table ${after} after they were made (median)`;
  return [check('events', 'ok', isLate(log) ? `${finding}, as where a materialiser writes them` : finding)];
}

function chainCheck({ chain }: LogFacts): Check[] {
  if (chain === null) return [];
  if (chain.forks > 0) {
    const finding = `${chain.forks} of the newest events name a predecessor that another one names too`;
    return [
      check(
        'events',
        'warning',
        finding,
        'a row came past the server, whose memory did not see it: cancel through the server',
      ),
    ];
  }
  if (chain.unchained > 0)
    return [
      check(
        'events',
        'ok',
        `${chain.unchained} of the newest events name no predecessor, as the Python stack leaves them`,
      ),
    ];
  return [check('events', 'ok', 'the newest events are chained by prev_event_id')];
}

const SECOND_BEST =
  'where the server only publishes, a direct row closes the claims, but the server does not see it and goes on driving until it restarts';

function wayCheck({ via, from, server, log, isLogBehind }: RouteFacts): Check {
  if (via === 'api') return check('cancel', 'ok', `cancels go through the server (from ${from})`);
  const finding = `cancels are written to the table (from ${from})`;
  const isRust = server?.ok === true && server.kind === 'rust';
  const showsPublishing = isLogBehind || isLate(log) || (log.chain?.forks ?? 0) > 0;
  if (server?.ok === true && server.kind === 'python') {
    return check('cancel', 'ok', `${finding}: right for the Python server, and keeps who and why`);
  }
  if (showsPublishing) {
    const remedy = isRust ? 'use --via api' : 'name the server (--server URL, or server in the profile)';
    return check('cancel', 'warning', `${finding}; ${SECOND_BEST}, and the log looks like that`, remedy);
  }
  return check('cancel', 'ok', `${finding}: right where the server inserts its events itself; ${SECOND_BEST}`);
}
