import type { LiveEngine } from './live-engine.js';
import { pause } from './pause.js';
import type { Fate } from './playbook.js';
import { HEALTHY_PATHS, playbookAt, RUNAWAY_PATH } from './playbooks.js';
import type { Random } from './random.js';

const MINUTE = 60_000;
/** So many seconds pass between two new executions, and none starts while so many roots live. */
const EVERY_SECONDS = [3, 9] as const;
const MAX_LIVE_ROOTS = 60;
/** A new execution in so many fails. */
const FAILING = 1 / 12;
/** One is never finalised in so much time, so that the Stale view's `finalizing` does not run dry. */
const SILENCE_EVERY = 20 * MINUTE;
/** A cancelled runaway comes back after so much time: somebody always forgets the fix. */
const RUNAWAY_RETURNS_AFTER = 5 * MINUTE;

/** Starts new executions until the signal aborts. */
export async function arrivals(engine: LiveEngine, random: Random, signal: AbortSignal): Promise<void> {
  let silencedAt = Date.now();
  let runawaySeenAt = Date.now();
  while (!signal.aborted) {
    await pause(random.between(...EVERY_SECONDS) * 1000, signal);
    const now = Date.now();
    if (engine.isRunning(RUNAWAY_PATH)) runawaySeenAt = now;
    if (engine.liveRoots >= MAX_LIVE_ROOTS) continue;
    if (now - runawaySeenAt > RUNAWAY_RETURNS_AFTER) {
      runawaySeenAt = now;
      await engine.start(RUNAWAY_PATH, [{ kind: 'endless', path: RUNAWAY_PATH, step: 'reconcile' }]);
    }
    const path = random.pick(HEALTHY_PATHS);
    const steps = playbookAt(path).steps;
    const last = steps.at(-1);
    const fates: Fate[] = [];
    if (last && last.iterations === undefined && now - silencedAt > SILENCE_EVERY) {
      silencedAt = now;
      fates.push({ kind: 'silence', path, step: last.name });
    } else if (random.chance(FAILING)) fates.push({ kind: 'fail', path, step: random.pick(steps).name });
    await engine.start(path, fates);
  }
}
