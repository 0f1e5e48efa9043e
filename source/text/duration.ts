const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of `90s`, `10m`, `2h`, `1d`, `1h30m`; null when the text is not a duration. */
export function parseDuration(text: string): number | null {
  if (!/^(\d{1,9}[smhd])+$/.test(text)) return null;
  let total = 0;
  for (const [, amount, unit = ''] of text.matchAll(/(\d+)([smhd])/g)) total += Number(amount) * (UNIT_MS[unit] ?? 0);
  return total;
}

/**
 * A duration in at most two coarse words: `12s`, `3m`, `2h 14m`, `5d 3h`. Coarse on purpose: an age that changes with
 * every frame costs Ink memory for ever (ink.md, trap 2). Negative durations (clock skew) read as `0s`.
 */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 ? `${hours}h ${minutes % 60}m` : `${hours}h`;
  const days = Math.floor(hours / 24);
  return hours % 24 ? `${days}d ${hours % 24}h` : `${days}d`;
}

/** A measured length of time, finer than formatDuration below a minute: `31ms`, `2.5s`, `3m`. */
export const formatElapsed = (ms: number): string =>
  ms < 1000 ? `${Math.round(Math.max(0, ms))}ms` : ms < 60_000 ? `${(ms / 1000).toFixed(1)}s` : formatDuration(ms);
