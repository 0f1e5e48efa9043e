/** Silences to choose from with + and -, in milliseconds. */
export const THRESHOLDS_MS = [1, 2, 5, 10, 15, 30, 60, 120, 360, 1440].map((minutes) => minutes * 60_000);

/** The next longer or shorter silence; null at the end of the list. */
export function nextThreshold(ms: number, longer: boolean): number | null {
  const next = longer ? THRESHOLDS_MS.find((step) => step > ms) : THRESHOLDS_MS.findLast((step) => step < ms);
  return next ?? null;
}
