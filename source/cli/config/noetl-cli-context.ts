import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ConfigurationError } from '../args/usage-error.js';

/** The context that NoETL's own command line works with. */
export interface CliContext {
  /** The file and the context's name, for messages. */
  readonly from: string;
  readonly server: string | null;
  readonly token: string | null;
}

type Fields = Readonly<Record<string, unknown>>;
const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
const textOf = (value: unknown): string | null =>
  typeof value === 'string' && value.trim() !== '' ? value.trim() : null;

const cliContextPath = (): string => join(homedir(), '.noetl', 'config.yaml');

/**
 * The current context of `~/.noetl/config.yaml`; null where there is no such file or no current context.
 * Source: event-store.md, "Connections that operators already have".
 *
 * @throws ConfigurationError for a file that cannot be read, or that names a context which it does not have.
 */
export async function readCliContext(): Promise<CliContext | null> {
  const path = cliContextPath();
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new ConfigurationError(`${path} cannot be read: ${(error as Error).message}`);
  }
  const yaml = await import('yaml');
  const { parseDocument } = 'default' in yaml ? (yaml.default as typeof yaml) : yaml;
  const document = parseDocument(text, { prettyErrors: false });
  if (document.errors.length > 0)
    throw new ConfigurationError(`${path} is not valid YAML; name a server with --server`);
  const content = fieldsOf(document.toJS());
  const name = textOf(content.current_context);
  if (name === null) return null;
  const contexts = fieldsOf(content.contexts);
  if (!Object.hasOwn(contexts, name)) {
    throw new ConfigurationError(`${path} has no context ${JSON.stringify(name)}, which its current_context names`);
  }
  const context = fieldsOf(contexts[name]);
  return {
    from: `context ${name} of ${path}`,
    server: textOf(context.server_url),
    token: textOf(context.gateway_session_token),
  };
}
