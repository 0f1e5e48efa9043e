/** Views of the list, in the order of their keys; here because options, columns and tabs all name them. */
export const VIEWS = ['active', 'stale', 'runaway', 'cancelled', 'all'] as const;
export type ViewId = (typeof VIEWS)[number];
export const VIEW_TITLES: Readonly<Record<ViewId, string>> = {
  active: 'Active',
  stale: 'Stale',
  runaway: 'Runaway',
  cancelled: 'Cancelled',
  all: 'All',
};
