import type { FilterProblem } from '../../domain/filter/filter.js';
import { visibleText } from '../../text/visible-text.js';
import { displayWidth, truncate } from '../../text/width.js';
import type { TextInput } from './text-input.js';

/** A line that points at what is wrong in the prompt above it (one column of prompt sign), and says what. */
export function caretLine(prompt: TextInput, problem: FilterProblem, width: number): string {
  const message = visibleText(problem.message);
  const carets = '^'.repeat(Math.max(1, displayWidth(prompt.text.slice(problem.at, problem.at + problem.length))));
  const indent = displayWidth(prompt.text.slice(0, problem.at)) + 1;
  const pointed = `${' '.repeat(indent)}${carets} ${message}`;
  if (displayWidth(pointed) <= width) return pointed;
  // The message matters more than where it points when both do not fit.
  const before = ' '.repeat(Math.max(0, Math.min(indent, width - displayWidth(message) - 2)));
  return truncate(`${before}^ ${message}`, width);
}
