import { onTestFinished } from 'vitest';

/** The computer's clock in another time zone until the test ends. */
export function inTimeZone(name: string): void {
  const before = process.env.TZ;
  process.env.TZ = name;
  onTestFinished(() => {
    if (before === undefined) delete process.env.TZ;
    else process.env.TZ = before;
  });
}
