import { cancellers } from './parts/cancellers.js';
import { fuzzing } from './parts/fuzzing.js';
import { histories } from './parts/histories.js';
import { hotStandby } from './parts/hot-standby.js';
import { kills } from './parts/kills.js';
import { lateChildren } from './parts/late-children.js';
import { pooler } from './parts/pooler.js';
import { screens } from './parts/screens.js';
import { serverFaults } from './parts/server-faults.js';
import { soak } from './parts/soak.js';
import { statementFaults } from './parts/statement-faults.js';
import { waysOut } from './parts/ways-out.js';
import type { TorturePart } from './types.js';

/** Every part, in the order in which they run. */
export const PARTS: readonly TorturePart[] = [
  cancellers,
  kills,
  statementFaults,
  serverFaults,
  lateChildren,
  pooler,
  hotStandby,
  histories,
  fuzzing,
  screens,
  waysOut,
  soak,
];
