import { createInterface } from 'node:readline';
import { visibleText } from '../text/visible-text.js';
import type { CommandContext } from './command.js';
import { readConfigFile } from './config/config-file.js';
import { parseConnectionUrl } from './config/connection-url.js';

/** What the operator chose where no connection is configured. `interrupted`: Ctrl-C or another signal came. */
export type FirstRunChoice =
  | { readonly kind: 'demo' | 'quit' | 'interrupted' }
  | { readonly kind: 'url'; readonly url: string };

const QUIT = /^(q|quit|exit)$/i;

const MENU = [
  'No database is configured.',
  '',
  '  1  demo: invented executions on a PostgreSQL of its own',
  '  2  connect: enter a URL, or see how to configure one',
  '  q  quit',
  '',
];

const howToConnect = (path: string, profiles: readonly string[]): string[] => [
  '',
  'To connect every time, set DATABASE_URL (or PGHOST and so',
  'on), or write a config file:',
  visibleText(path),
  '',
  '  current: prod',
  '  profiles:',
  '    prod:',
  '      url: postgresql://USER@HOST:5432/DATABASE',
  '',
  ...(profiles.length > 0
    ? [`It has profiles: ${visibleText(profiles.join(', '))}; noetl-console --profile NAME`, '']
    : []),
  'For this session, enter a URL. The password may be left out:',
  'PGPASSWORD and ~/.pgpass are read. An empty line goes back,',
  'q quits.',
  '',
];

/**
 * Asks what to do where no connection is configured, line by line and before the console takes the terminal: plain text
 * that every terminal and screen reader can follow. The end of the input quits.
 */
export async function askFirstRun(
  context: Pick<CommandContext, 'terminal' | 'env' | 'signal'>,
): Promise<FirstRunChoice> {
  const { terminal, env, signal } = context;
  // Lines as the terminal edits them: Ctrl-C stays a signal.
  const lines = createInterface({ input: terminal.stdin, terminal: false });
  const show = (texts: readonly string[]) => {
    for (const text of texts) terminal.print(text);
  };
  const ended = new Promise<null>((resolve) => {
    lines.once('close', () => resolve(null));
    signal.addEventListener('abort', () => resolve(null), { once: true });
    if (signal.aborted) resolve(null);
  });
  const ask = (question: string): Promise<string | null> => {
    terminal.write(question);
    const answer = new Promise<string>((resolve) => lines.once('line', (line) => resolve(line.trim())));
    return Promise.race([answer, ended]);
  };
  try {
    show(MENU);
    for (;;) {
      const answer = await ask('1, 2 or q: ');
      if (answer === null) {
        terminal.print('');
        return { kind: signal.aborted ? 'interrupted' : 'quit' };
      }
      if (/^(1|d|demo)$/i.test(answer)) return { kind: 'demo' };
      if (QUIT.test(answer)) return { kind: 'quit' };
      if (!/^(2|c|connect)$/i.test(answer)) continue;
      const file = await readConfigFile(env);
      show(howToConnect(file.path, [...file.profiles.keys()]));
      const url = await askUrl(ask, (line) => terminal.print(line));
      if (url === 'quit') return { kind: 'quit' };
      if (url) return { kind: 'url', url };
      show(MENU);
    }
  } finally {
    lines.close();
  }
}

/** A URL that can be read, or `quit`; null for an empty line or the end of the input. */
async function askUrl(
  ask: (question: string) => Promise<string | null>,
  say: (line: string) => void,
): Promise<string | null> {
  for (;;) {
    const url = await ask('URL: ');
    if (!url) return null;
    if (QUIT.test(url)) return 'quit';
    try {
      parseConnectionUrl(url, 'this');
      return url;
    } catch (error) {
      say(visibleText((error as Error).message));
    }
  }
}
