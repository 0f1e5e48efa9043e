import type { EventStore } from '../store/event-store.js';
import type { CancelService } from './cancel/cancel.js';
import type { FollowService } from './follow/follow.js';
import type { RunawayService } from './runaway/runaway.js';

/** The use cases that a front end is given; made once, in cli/open-services. */
export interface Services {
  readonly store: EventStore;
  readonly cancel: CancelService;
  readonly follow: FollowService;
  readonly runaway: RunawayService;
}
