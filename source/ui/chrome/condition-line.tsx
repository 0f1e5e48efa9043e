import type { ReactElement } from 'react';
import { useStore } from 'zustand';
import type { Condition } from '../../domain/conditions/conditions.js';
import type { EpochMs } from '../../domain/execution.js';
import { formatDuration } from '../../text/duration.js';
import { visibleText } from '../../text/visible-text.js';
import { Line } from '../kit/line.js';
import { useClockText, useConsole } from '../shell/use-console.js';

/**
 * The conditions in one line, the codes first: a narrow terminal cuts the rest. Empty where none holds. What counts down
 * is reckoned by the clock, so that it does not stand still between two reads.
 */
function formatConditions(conditions: readonly Condition[], now: EpochMs): string {
  if (conditions.length === 0) return '';
  const codes = conditions.map(({ code, until }) =>
    until === null ? code : `${code}, ${formatDuration(Math.max(0, until - now))} left`,
  );
  const sentences = conditions.map(({ sentence }) => sentence);
  return visibleText(`${codes.join(' + ')} · nothing is safe · ${sentences.join(' · ')}`);
}

/** Why the safe ones cannot be marked now; null where they can. */
export function markRefusal(conditions: readonly Condition[]): string | null {
  if (conditions.length === 0) return null;
  const codes = conditions.map(({ code }) => code).join(', ');
  const remedy = conditions[0]?.remedy ?? '';
  return visibleText(`nothing marked (${codes}): ${remedy}`);
}

/** Why nothing may be called stuck now; no line where no condition holds. */
export function ConditionLine({ width }: { width: number }): ReactElement | null {
  const { context, theme } = useConsole();
  const conditions = useStore(context.engine.store, (state) => state.conditions);
  const words = useClockText(({ now }) => formatConditions(conditions, now));
  if (words === '') return null;
  return (
    <Line
      width={width}
      pieces={[
        { text: ' ! ', bold: true, color: theme.bad, inverse: theme.plain },
        { text: ` ${words}`, bold: true, color: theme.bad },
      ]}
    />
  );
}
