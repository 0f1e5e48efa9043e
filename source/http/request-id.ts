import { type ExecutionId, parseExecutionId } from '../domain/execution-id.js';
import { HttpProblem } from './errors.js';

/** Longer texts are cut in messages. */
const SHOWN = 40;

/** The execution or event that a request names. @throws HttpProblem 400 */
export function readId(text: string, what = 'execution id'): ExecutionId {
  const parsed = parseExecutionId(text);
  if (parsed.ok) return parsed.id;
  const shown = text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
  throw new HttpProblem(400, `${JSON.stringify(shown)} is not a valid ${what}: it ${parsed.problem}`);
}
