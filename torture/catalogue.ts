import { cancellers } from './parts/cancellers.js';
import { kills } from './parts/kills.js';
import { lateChildren } from './parts/late-children.js';
import type { TorturePart } from './types.js';

/** Every part, in the order in which they run. */
export const PARTS: readonly TorturePart[] = [cancellers, kills, lateChildren];
