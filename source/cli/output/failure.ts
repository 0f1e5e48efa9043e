import { StoreError } from '../../store/errors.js';
import { withoutSecrets } from '../../store/secrets.js';
import { visibleText } from '../../text/visible-text.js';
import { ConfigurationError, helpHint, UsageError } from '../args/usage-error.js';
import type { CommandSpec } from '../command.js';
import { EXIT } from './exit-code.js';
import type { Terminal } from './terminal.js';

/** What is true when the program is ended between a COMMIT and its answer. */
export const COMMIT_UNDER_WAY =
  "noetl-console: ended during a commit: outcome unknown; 'noetl-console cancelled' shows what was written, and the same command again writes nothing twice";

interface FailureContext {
  readonly terminal: Terminal;
  readonly debug: boolean;
  readonly command: CommandSpec | null;
  readonly signal: AbortSignal;
}

/** Says on stderr what went wrong, in one line (and a hint), and answers with the exit code for it. */
export function reportFailure(error: unknown, { terminal, debug, command, signal }: FailureContext): number {
  const say = (line: string) => terminal.note(visibleText(withoutPasswords(line)));
  if (signal.aborted && isInterruption(error)) {
    say('noetl-console: interrupted; nothing further was done');
    if (debug) for (const line of stackOf(error)) say(line);
    return EXIT.interrupted;
  }
  say(`noetl-console: ${messageOf(error)}`);
  if (error instanceof UsageError) {
    if (error.hint) say(error.hint);
    else if (!(error instanceof ConfigurationError)) {
      say(helpHint(command?.name));
    }
  }
  if (debug) for (const line of stackOf(error)) say(line);
  return error instanceof UsageError || isRefused(error) ? EXIT.usage : EXIT.failed;
}

/** SQL that may not run, or that the server finds wrong, was typed so; so was a write in a read-only session. */
const isRefused = (error: unknown): boolean =>
  error instanceof StoreError && (error.kind === 'refused-sql' || error.kind === 'writes-disabled');

/**
 * What fails after Ctrl-C fails because of it: the terminal sends the signal to child processes too, such as the initdb
 * of a demo that is starting. Only the database and the command line speak for themselves.
 */
const isInterruption = (error: unknown): boolean =>
  error instanceof StoreError ? error.kind === 'aborted' : !(error instanceof UsageError);

const messageOf = (error: unknown): string => {
  const text = error instanceof Error ? error.message || error.name : String(error);
  return text.replace(/\s*\n\s*/g, ' ');
};

/** The stacks of an error and of all its causes. */
function stackOf(error: unknown): string[] {
  const lines: string[] = [];
  const seen = new Set<unknown>();
  for (let cause = error; cause instanceof Error && !seen.has(cause); cause = cause.cause) {
    seen.add(cause);
    lines.push(...(cause.stack ?? String(cause)).split('\n'));
  }
  return lines;
}

/** Whatever a library put into its message: neither a URL's password is shown nor any secret that is known. */
export const withoutPasswords = (text: string): string =>
  withoutSecrets(text).replace(/(:\/\/[^\s:/@]*:)\S*@/g, '$1***@');
