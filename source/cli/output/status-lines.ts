import type { EpochMs } from '../../domain/execution.js';
import type { ExecutionDescription } from '../../service/describe.js';
import { type DescribedFact, describedFacts, statusText } from '../../service/describe-facts.js';
import type { Style } from './style.js';
import { paintStatus, statusWord } from './style.js';

const LABEL_WIDTH = 13;

/** One execution, a labelled line a fact; the status first, and what explains it next. */
export function statusLines(one: ExecutionDescription, now: EpochMs, style: Style): string[] {
  const line = (label: string, value: string) => `${`${label}:`.padEnd(LABEL_WIDTH)}${value}`;
  const words = statusText(one, now).slice(one.status.length);
  return [
    line('Execution', one.execution.executionId),
    line('Status', `${paintStatus(statusWord(one.status), one.status, style)}${words}`),
    ...describedFacts(one, now).map(({ label, text, tone }) => line(label, painted(text ?? '-', tone, style))),
  ];
}

function painted(text: string, tone: DescribedFact['tone'], style: Style): string {
  switch (tone) {
    case 'good':
      return style.green(text);
    case 'warn':
      return style.yellow(text);
    case 'bad':
      return style.red(text);
    case 'faint':
      return style.dim(text);
    case 'plain':
      return text;
  }
}
