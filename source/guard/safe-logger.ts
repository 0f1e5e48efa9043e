import type { GuardLogger } from './guard-types.js';

/** The worker's logger with its failures held back: a line that cannot be written must not decide what a command does. */
export function safeLogger(logger: GuardLogger): GuardLogger {
  const held =
    (level: 'info' | 'warn'): GuardLogger['info'] =>
    (fields, message) => {
      try {
        // A logger that answers with a promise is none of ours, but its rejection would end the worker's process.
        const answer: unknown = logger[level](fields, message);
        if (answer instanceof Promise) answer.catch(() => {});
      } catch {
        // There is nowhere left to say it.
      }
    };
  return { info: held('info'), warn: held('warn') };
}
