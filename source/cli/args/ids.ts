import { type ExecutionId, parseExecutionId } from '../../domain/execution-id.js';
import type { Terminal } from '../output/terminal.js';
import { UsageError } from './usage-error.js';

/** Problems that are named one by one before the rest is only counted. */
const NAMED_PROBLEMS = 5;
/** How much of a wrong id is quoted back. */
const QUOTED_LENGTH = 60;

/**
 * The execution ids among words, canonical, each once, in the order given.
 * @throws UsageError when any of them is none: then nothing may be done for the others either.
 */
export function readIds(words: readonly string[]): ExecutionId[] {
  const ids = new Set<ExecutionId>();
  const problems: string[] = [];
  for (const word of words) {
    const parsed = parseExecutionId(word);
    if (parsed.ok) ids.add(parsed.id);
    else problems.push(`${quoted(word)} ${parsed.problem}`);
  }
  if (problems.length === 0) return [...ids];
  throw notIds(problems);
}

function notIds(problems: readonly string[]): UsageError {
  const named = problems.slice(0, NAMED_PROBLEMS).join('; ');
  const more = problems.length > NAMED_PROBLEMS ? `; and ${problems.length - NAMED_PROBLEMS} more` : '';
  return new UsageError(
    `execution id ${named}${more}`,
    'An execution id is a positive decimal number up to 9223372036854775807. Nothing was done.',
  );
}

/** The one id that a command takes. */
export const readId = (word: string): ExecutionId => {
  const parsed = parseExecutionId(word);
  if (parsed.ok) return parsed.id;
  throw notIds([`${quoted(word)} ${parsed.problem}`]);
};

/**
 * Words that name ids, `-` replaced by what standard input holds: ids set apart by blanks or line ends.
 * Standard input is read once, wherever and however often `-` stands.
 */
export async function expandDash(words: readonly string[], terminal: Terminal, signal: AbortSignal): Promise<string[]> {
  if (!words.includes('-')) return [...words];
  if (terminal.stdin.isTTY) {
    terminal.note('Reading execution ids from this terminal, set apart by blanks or line ends; Ctrl-D ends the list.');
  }
  const chunks: string[] = [];
  terminal.stdin.setEncoding('utf8');
  const stop = () => terminal.stdin.destroy();
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const chunk of terminal.stdin) chunks.push(String(chunk));
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
  const read = chunks
    .join('')
    .split(/\s+/)
    .filter((word) => word !== '');
  let replaced = false;
  return words.flatMap((word) => {
    if (word !== '-') return [word];
    const here = replaced ? [] : read;
    replaced = true;
    return here;
  });
}

const quoted = (word: string): string =>
  JSON.stringify(word.length > QUOTED_LENGTH ? `${word.slice(0, QUOTED_LENGTH)}…` : word);
