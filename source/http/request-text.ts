import { isUtf8 } from 'node:buffer';
import { type ExecutionId, parseExecutionId } from '../domain/execution-id.js';
import { HttpProblem } from './errors.js';

/** Deeper than any worker's payload, and far above where a recursive reader would run out of stack. */
const MAX_DEPTH = 64;
const NUL = String.fromCharCode(0);

/** The text of a body. @throws HttpProblem 400 where it is not UTF-8: it would be stored as other characters. */
export function bodyText(body: Buffer): string {
  if (!isUtf8(body)) throw new HttpProblem(400, 'the body is not valid UTF-8');
  return body.toString('utf8');
}

/**
 * Refuses what PostgreSQL's text and jsonb cannot hold, in keys and values alike: NUL and halves of surrogate pairs; and
 * nesting that would exhaust the stack of whatever reads it next.
 * @throws HttpProblem 400
 */
export function checkTexts(what: string, value: unknown): void {
  // Level by level and not by recursion, for the same reason.
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) throw new HttpProblem(400, `${what} is nested more than ${MAX_DEPTH} levels deep`);
    const below: unknown[] = [];
    for (const one of level) {
      if (typeof one === 'string') checkText(what, one);
      else if (Array.isArray(one)) for (const item of one) below.push(item);
      else if (typeof one === 'object' && one !== null) {
        for (const [key, item] of Object.entries(one)) {
          checkText(what, key);
          below.push(item);
        }
      }
    }
    level = below;
  }
}

function checkText(what: string, text: string): void {
  if (text.includes(NUL)) throw new HttpProblem(400, `${what} holds a NUL character`);
  if (/\p{Cs}/u.test(text)) throw new HttpProblem(400, `${what} holds half of a surrogate pair`);
}

/** Longer texts are cut in messages. */
const SHOWN = 40;

/** The execution or event that a request names. @throws HttpProblem 400 */
export function readId(text: string, what = 'execution id'): ExecutionId {
  const parsed = parseExecutionId(text);
  if (parsed.ok) return parsed.id;
  const shown = text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
  throw new HttpProblem(400, `${JSON.stringify(shown)} is not a valid ${what}: it ${parsed.problem}`);
}
