import { Box, Text } from 'ink';
import type { ReactElement, ReactNode } from 'react';
import { MAX_REASON_LENGTH } from '../../domain/cancellation.js';
import { Line } from '../kit/line.js';
import { TextField } from '../kit/text-field.js';
import { useKeyOf, useTheme } from '../shell/use-console.js';
import { FIELD_LINES } from './cancel-model.js';
import {
  confirmProblem,
  type DraftField,
  type DraftState,
  executions,
  hasDescendants,
  needsCount,
  plannedCount,
  typeCount,
} from './draft-state.js';
import { cascadeText } from './notes.js';

const LABEL_WIDTH = 11;

function Labelled({
  label,
  isFocused,
  children,
}: {
  label: string;
  isFocused: boolean;
  children: ReactNode;
}): ReactElement {
  const theme = useTheme();
  const color = isFocused ? theme.accent : theme.faint;
  return (
    <Box height={1} flexShrink={0}>
      <Text bold={isFocused} color={color}>
        {`${isFocused ? '▸ ' : '  '}${label.padEnd(LABEL_WIDTH - 2)}`}
      </Text>
      {children}
    </Box>
  );
}

function reasonHint(state: DraftState): string {
  const length = [...state.reason.text.trim()].length;
  const count = length > MAX_REASON_LENGTH - 200 ? `${length}/${MAX_REASON_LENGTH} · ` : '';
  if (state.recentReasons.length === 0) return `${count}stored in the event log with the cancel`;
  const at =
    state.recent >= 0
      ? `recent ${state.recent + 1} of ${state.recentReasons.length}`
      : `${state.recentReasons.length} recent`;
  return `${count}↑ ↓ ${at}`;
}

/** The dialog's fields; exactly FIELD_LINES high, whatever is shown, so that nothing jumps under a key. */
export function DraftFields({ state, width }: { state: DraftState; width: number }): ReactElement {
  const theme = useTheme();
  const keyOf = useKeyOf('cancel');
  const has = (field: DraftField) => state.focus === field;
  const problem = confirmProblem(state);
  const count = plannedCount(state) ?? 0;
  const cascade = cascadeText(state, width - LABEL_WIDTH);
  const button = count > 0 ? `[ Cancel ${executions(count)} ]` : '[ Cancel ]';
  const refused = (field: DraftField) => (has(field) ? state.refusal : null);
  const hint = state.reasonProblem ?? refused('reason');
  const atButton = refused('confirm') ?? refused('list') ?? (has('confirm') ? problem : null);
  return (
    <Box flexDirection="column" height={FIELD_LINES} flexShrink={0}>
      <Labelled label="Reason" isFocused={has('reason')}>
        <TextField
          input={state.reason}
          width={width - LABEL_WIDTH}
          isFocused={has('reason')}
          placeholder={state.requireReason ? ' why? (required)' : ' why? (optional)'}
        />
      </Labelled>
      <Line
        width={width}
        pieces={[
          { text: ' '.repeat(LABEL_WIDTH) },
          hint ? { text: hint, color: theme.bad, bold: true } : { text: reasonHint(state), color: theme.faint },
        ]}
      />
      <Labelled label="Cascade" isFocused={has('cascade')}>
        <Text wrap="truncate" color={hasDescendants(state) ? undefined : theme.faint}>
          {cascade.choice}
        </Text>
      </Labelled>
      <Line
        width={width}
        pieces={[
          { text: ' '.repeat(LABEL_WIDTH) },
          { text: refused('cascade') ?? cascade.outcome, color: refused('cascade') ? theme.warn : theme.faint },
        ]}
      />
      {needsCount(state) ? (
        <Labelled label="Number" isFocused={has('count')}>
          <Text wrap="truncate" color={theme.warn}>{`${typeCount(count)}: `}</Text>
          <TextField input={state.count} width={10} isFocused={has('count')} />
          <Text wrap="truncate" color={theme.bad}>
            {refused('count') ? `  ${refused('count')}` : ''}
          </Text>
        </Labelled>
      ) : (
        <Text> </Text>
      )}
      <Line
        width={width}
        pieces={[
          {
            text: `${has('confirm') ? '▸ ' : '  '}${button}`,
            color: has('confirm') && problem === null ? theme.bad : theme.faint,
            bold: has('confirm'),
            inverse: has('confirm') && theme.plain,
          },
          {
            text: atButton
              ? `  ${atButton}`
              : has('confirm')
                ? `  ${keyOf('accept')} cancels, ${keyOf('back')} goes back`
                : '',
            color: theme.warn,
          },
        ]}
      />
    </Box>
  );
}
