import type { Flags } from './args/parsed-flags.js';
import type { Session } from './open-services.js';
import type { Terminal } from './output/terminal.js';

/** How a flag takes its value: not at all, always, or only after `=` (so that it never swallows the next word). */
export type FlagKind = 'switch' | 'value' | 'optional-value';

/** One flag of a command; help, completion and parsing are made from it. */
export interface FlagSpec {
  /** In kebab-case, without the dashes. */
  readonly name: string;
  readonly short?: string;
  readonly kind: FlagKind;
  /** What the help calls the value, in capitals. */
  readonly value?: string;
  /** What an `optional-value` flag means when it stands alone. */
  readonly alone?: string;
  readonly multiple?: boolean;
  /** A value may begin with a dash that is not a flag's: a filter's `-why:unknown`. */
  readonly dashed?: boolean;
  readonly choices?: readonly string[];
  /** Values that completion offers; others are as good. */
  readonly suggest?: readonly string[];
  /** For completion: the value is a file or a folder. */
  readonly file?: boolean;
  /** Values that completion asks the program for, by the command that prints them with `-o name`. */
  readonly complete?: 'profiles';
  readonly summary: string;
}

export interface OpenOptions {
  /** Start the demo where no connection is configured. */
  readonly demoWithoutConnection?: boolean;
  /** A URL that was asked for; as if it stood on the command line. */
  readonly databaseUrl?: string;
  /** It goes on reading, like the console and the server; a command that ends with its answer keeps to one connection. */
  readonly isLasting?: boolean;
}

/** What a command is given; it answers with an exit code and throws UsageError, StoreError or what went wrong. */
export interface CommandContext {
  readonly flags: Flags;
  /** The words that are neither command nor flag, exactly as typed. */
  readonly input: readonly string[];
  readonly terminal: Terminal;
  readonly env: NodeJS.ProcessEnv;
  /** Aborted by the first Ctrl-C or SIGTERM; the second ends the program at once. */
  readonly signal: AbortSignal;
  /** Leaves signals to the command: the interactive console has a terminal to restore. */
  releaseSignals(): void;
  /** Connects, or starts the demo, at the first call; closed by whoever runs the command. */
  open(options?: OpenOptions): Promise<Session>;
}

export interface CommandModule {
  run(context: CommandContext): Promise<number>;
}

/** One row of the command table. */
export interface CommandSpec {
  readonly name: string;
  readonly group: 'see' | 'act' | 'serve';
  readonly summary: string;
  /** What follows the command's name. */
  readonly usage: string;
  /** How many words it takes besides flags. */
  readonly words: { readonly least: number; readonly most: number; readonly called: string };
  readonly flags: readonly FlagSpec[];
  /** Further paragraphs of its help. */
  readonly notes?: readonly string[];
  readonly examples: readonly (readonly [command: string, does: string])[];
  /** Words that completion offers. */
  readonly wordChoices?: readonly string[];
  load(): Promise<CommandModule>;
}

type Words = CommandSpec['words'];

/** How many words besides flags a command takes, and what it calls them. */
export const NONE: Words = { least: 0, most: 0, called: 'words' };
export const ONE_ID: Words = { least: 1, most: 1, called: 'an execution id' };
export const SOME_IDS: Words = { least: 1, most: Number.POSITIVE_INFINITY, called: 'an execution id' };
/** The command itself demands one of the two. */
export const IDS_OR_FILTER: Words = { ...SOME_IDS, least: 0, called: 'execution ids' };
