import { ConfigurationError, UsageError } from '../args/usage-error.js';
import type { CommandContext } from '../command.js';
import { reasonRequiredBy, settingOf } from '../config/layers.js';
import { EXIT } from '../output/exit-code.js';
import { VERSION } from '../version.js';

/** `serve`: the HTTP API until Ctrl-C; requests under way are finished first. */
export async function run(context: CommandContext): Promise<number> {
  const { flags, env, terminal, signal } = context;
  const host = flags.text('host');
  if (host === '') throw new UsageError('--host needs an address');
  const port = flags.integer('port', { least: 0, most: 65_535 });
  const token = flags.text('token') ?? env.NOETL_CONSOLE_TOKEN ?? null;
  if (token !== null && token.trim() === '') {
    throw new UsageError('the token is empty: --token and NOETL_CONSOLE_TOKEN need one, or leave them out');
  }
  const session = await context.open({ isLasting: true });
  const { ServeRefused, startServer } = await import('../../http/server.js');
  try {
    const server = await startServer({
      services: session.services,
      host,
      port,
      token,
      version: VERSION,
      allowQuery: flags.on('allow-query'),
      requireReason: reasonRequiredBy(session.layers, flags) !== null,
      queryRole: settingOf('query_role', session.layers)?.value,
      signal,
    });
    terminal.print(server.url);
    terminal.note('Serving until Ctrl-C.');
    await server.closed;
  } catch (error) {
    if (error instanceof ServeRefused) throw new ConfigurationError(error.message);
    throw error;
  }
  return EXIT.done;
}
