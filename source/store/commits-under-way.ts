let underWay = 0;

/**
 * How many COMMITs this process has sent and not seen answered. Whoever ends the program now cannot say whether they
 * went through. Module state on purpose: the signal handler that asks has no store at hand.
 */
export const commitsUnderWay = (): number => underWay;

/** Counts a COMMIT for as long as it is unanswered. */
export async function whileCommitting<T>(commit: () => Promise<T>): Promise<T> {
  underWay += 1;
  try {
    return await commit();
  } finally {
    underWay -= 1;
  }
}
