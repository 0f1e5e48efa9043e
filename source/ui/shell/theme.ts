/** Colours by what they mean; undefined is the terminal's own. Words and glyphs always say the same as the colours. */
export interface Theme {
  readonly name: ThemeName;
  readonly text: string | undefined;
  readonly faint: string | undefined;
  readonly accent: string | undefined;
  readonly good: string | undefined;
  /** Safe to cancel: neither green, which is healthy, nor a warning. */
  readonly safe: string | undefined;
  readonly warn: string | undefined;
  readonly bad: string | undefined;
  readonly mark: string | undefined;
  readonly running: string | undefined;
  readonly stale: string | undefined;
  readonly completed: string | undefined;
  readonly failed: string | undefined;
  readonly cancelled: string | undefined;
  /** Behind the row under the cursor. */
  readonly cursorBackground: string | undefined;
  readonly cursorText: string | undefined;
  readonly badgeBackground: string | undefined;
  readonly badgeText: string | undefined;
  /** True where colour cannot carry the cursor and faintness: inverse and bold do. */
  readonly plain: boolean;
}

export const THEME_NAMES = ['dark', 'light', 'high-contrast', 'none'] as const;
export type ThemeName = (typeof THEME_NAMES)[number];

const dark: Theme = {
  name: 'dark',
  text: undefined,
  faint: '#8a8f98',
  accent: '#6cb6ff',
  good: '#57ab5a',
  safe: '#39c5cf',
  warn: '#e0a030',
  bad: '#f47067',
  mark: '#f69d50',
  running: '#57ab5a',
  stale: '#e0a030',
  completed: '#8a8f98',
  failed: '#f47067',
  cancelled: '#b083f0',
  cursorBackground: '#2d4a6d',
  cursorText: '#ffffff',
  badgeBackground: '#e0a030',
  badgeText: '#1c1c1c',
  plain: false,
};

const light: Theme = {
  ...dark,
  name: 'light',
  faint: '#5b6169',
  accent: '#0550ae',
  good: '#116329',
  safe: '#1b6b7a',
  warn: '#7d4e00',
  bad: '#a40e26',
  mark: '#953800',
  running: '#116329',
  stale: '#7d4e00',
  completed: '#5b6169',
  failed: '#a40e26',
  cancelled: '#6639ba',
  cursorBackground: '#cfe3fa',
  cursorText: '#0b1f33',
  badgeBackground: '#7d4e00',
  badgeText: '#ffffff',
};

const highContrast: Theme = {
  ...dark,
  name: 'high-contrast',
  text: 'whiteBright',
  faint: 'white',
  accent: 'cyanBright',
  good: 'greenBright',
  safe: 'cyanBright',
  warn: 'yellowBright',
  bad: 'redBright',
  mark: 'yellowBright',
  running: 'greenBright',
  stale: 'yellowBright',
  completed: 'white',
  failed: 'redBright',
  cancelled: 'magentaBright',
  cursorBackground: 'whiteBright',
  cursorText: 'black',
  badgeBackground: 'yellowBright',
  badgeText: 'black',
};

const none: Theme = {
  ...(Object.fromEntries(Object.keys(dark).map((key) => [key, undefined])) as unknown as Theme),
  name: 'none',
  plain: true,
};

const THEMES: Readonly<Record<ThemeName, Theme>> = { dark, light, 'high-contrast': highContrast, none };

/** The theme of a session; without colour there is only one. */
export const themeOf = (name: ThemeName | undefined, noColor: boolean): Theme =>
  THEMES[noColor ? 'none' : (name ?? 'dark')];
