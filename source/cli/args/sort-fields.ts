/** What `--sort` takes: the fields of each table. They stand apart from their tables, so that parsing loads no table. */
export const LIST_SORTS = ['started', 'run', 'silent', 'status', 'path', 'why', 'parent', 'id'] as const;
export const STALE_SORTS = ['silent', 'started', 'why', 'path', 'parent', 'id'] as const;
export const RUNAWAY_SORTS = ['run', 'rate', 'why', 'path', 'parent', 'id'] as const;
export const CANCELLED_SORTS = ['at', 'work', 'who', 'why', 'path', 'id'] as const;
