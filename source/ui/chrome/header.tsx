import { type ReactElement, useCallback, useSyncExternalStore } from 'react';
import { useStore } from 'zustand';
import { visibleText } from '../../text/visible-text.js';
import { displayWidth } from '../../text/width.js';
import { Line, type Piece } from '../kit/line.js';
import { useClockText, useConsole } from '../shell/use-console.js';
import { fitHeader, formatConnection, formatHealth, type HealthText } from './format-connection.js';

/** Colours of a profile's name in the header: background and text, readable on each other in every theme. */
interface ProfilePaint {
  readonly background: string;
  readonly text: string;
}

const PAINTS: Readonly<Record<string, ProfilePaint>> = {
  red: { background: '#b3261e', text: '#ffffff' },
  green: { background: '#2e7d32', text: '#ffffff' },
  yellow: { background: '#e0a030', text: '#1c1c1c' },
  blue: { background: '#1f5fbf', text: '#ffffff' },
  magenta: { background: '#8e3a9d', text: '#ffffff' },
  cyan: { background: '#1b8a9a', text: '#ffffff' },
  white: { background: '#e6e6e6', text: '#1c1c1c' },
  gray: { background: '#5b6169', text: '#ffffff' },
};

/** Whether a profile is where a mistake costs most: it is red, or has no colour and says so by its name. */
const isProduction = (profile: string | null | undefined, color: string | undefined): boolean =>
  typeof profile === 'string' && (color === 'red' || (color === undefined && /prod/i.test(profile)));

/** The colours of a profile; null where none were chosen: the theme's badge then. */
const profilePaint = (profile: string, color: string | undefined): ProfilePaint | null =>
  PAINTS[isProduction(profile, color) ? 'red' : (color ?? '')] ?? null;

/** First line: the profile, where one is connected, how cancels are written, the engine, and how fresh the data is. */
export function Header({ width }: { width: number }): ReactElement {
  const { context, options, theme } = useConsole();
  const { feed } = context;
  // The kind and the progress are listened for, so that a lost connection shows at once; the age is looked at once a second, so that a
  // read which brings nothing draws nothing.
  useSyncExternalStore(
    useCallback((listener) => feed.subscribe(listener), [feed]),
    () => `${feed.snapshot().health.kind} ${feed.snapshot().history?.done}`,
  );
  const health = useClockText(({ local }) => {
    const { health: now, readAt, history } = feed.snapshot();
    const { tone, text } = formatHealth(now, readAt, local, history);
    return `${tone} ${text}`;
  });
  const tone = health.slice(0, health.indexOf(' ')) as HealthText['tone'];
  const healthText = health.slice(tone.length + 1);
  const engine = useStore(context.engine.store);
  const { profile, color } = options;
  const paint = profile && !theme.plain ? profilePaint(profile, color) : null;
  // On production the whole line has its colour: it is on every screen, and looks like no other.
  const isLoud = isProduction(profile, color);
  const badge = (text: string, own: ProfilePaint | null = null): Piece[] => [
    {
      text: ` ${text} `,
      bold: true,
      color: own?.text ?? theme.badgeText,
      background: own?.background ?? theme.badgeBackground,
      inverse: theme.plain,
    },
    { text: ' ', inverse: isLoud && theme.plain },
  ];
  const badges = [
    ...(options.demo ? badge('DEMO') : []),
    ...(profile ? badge(visibleText(profile), paint) : []),
    ...(options.readOnly ? badge('READ-ONLY') : []),
  ];
  const taken = badges.reduce((sum, piece) => sum + displayWidth(piece.text), displayWidth(healthText) + 1);
  const {
    where,
    way,
    engine: engineText,
  } = fitHeader(
    formatConnection(options.services.store.connection, null),
    {
      writes: options.readOnly ? null : (options.writes ?? null),
      workers: engine.workers?.alive ?? null,
      conditions: engine.conditions.map(({ code }) => code),
    },
    Math.max(0, width - taken),
  );
  const gap = ' '.repeat(Math.max(1, width - taken - displayWidth(where + way + engineText) + 1));
  const isDown = engine.workers?.alive === 0 || engine.conditions.length > 0;
  const inverse = isLoud && theme.plain;
  const on = (usual: string | undefined) => (isLoud && paint ? paint.text : usual);
  return (
    <Line
      width={width}
      background={isLoud ? paint?.background : undefined}
      pieces={[
        ...badges,
        { text: where, bold: true, color: on(theme.text), inverse },
        { text: way, color: on(theme.text), inverse },
        { text: engineText, color: on(isDown ? theme.bad : theme.faint), bold: isDown, inverse },
        { text: gap, inverse },
        { text: healthText, color: on(theme[tone]), bold: tone === 'bad', inverse },
      ]}
    />
  );
}
