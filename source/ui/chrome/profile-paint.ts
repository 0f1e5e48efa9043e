/** Colours of a profile's name in the header: background and text, readable on each other in every theme. */
export interface ProfilePaint {
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
export const isProduction = (profile: string | null | undefined, color: string | undefined): boolean =>
  typeof profile === 'string' && (color === 'red' || (color === undefined && /prod/i.test(profile)));

/** The colours of a profile; null where none were chosen: the theme's badge then. */
export const profilePaint = (profile: string, color: string | undefined): ProfilePaint | null =>
  PAINTS[isProduction(profile, color) ? 'red' : (color ?? '')] ?? null;
