/**
 * Signals that end a process which does not listen, besides those of a terminal and of a service manager (SIGHUP, SIGINT,
 * SIGQUIT, SIGTERM). Left out: what no listener can hear (SIGKILL), what Node ignores (SIGPIPE, SIGXFSZ), and the faults
 * after which no JavaScript may run (SIGBUS, SIGFPE, SIGILL, SIGSEGV). Not every platform has all of them.
 */
export const FATAL_SIGNALS = [
  'SIGABRT',
  'SIGALRM',
  'SIGIO',
  'SIGPROF',
  'SIGPWR',
  'SIGSTKFLT',
  'SIGSYS',
  'SIGTRAP',
  'SIGUSR2',
  'SIGVTALRM',
  'SIGXCPU',
] as const;
export type FatalSignal = (typeof FATAL_SIGNALS)[number];
