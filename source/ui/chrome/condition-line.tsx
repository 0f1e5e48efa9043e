import type { ReactElement } from 'react';
import { useStore } from 'zustand';
import { Line } from '../kit/line.js';
import { useClockText, useConsole } from '../shell/use-console.js';
import { formatConditions } from './format-conditions.js';

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
