/**
 * What was typed, configured or passed cannot be done as it stands; exit 2 on the command line. The message is one line and
 * names the flag or the option.
 */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  constructor(
    message: string,
    /** The near word that was probably meant, or what to do instead; a line of its own. */
    readonly hint?: string,
  ) {
    super(message);
  }
}

/** Where to read on when nothing nearer is known. */
export const helpHint = (command: string | undefined): string =>
  `Run 'noetl-console ${command ? `${command} ` : ''}--help' for usage`;

/** The settings of the connection or the server are missing or wrong; exit 2, and no help text would fix it. */
export class ConfigurationError extends UsageError {}
