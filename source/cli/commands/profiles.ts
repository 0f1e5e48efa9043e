import { visibleJson, visibleText } from '../../text/visible-text.js';
import type { CommandContext } from '../command.js';
import { type ConfigProfile, readConfigFile } from '../config/config-file.js';
import { parseConnectionUrl } from '../config/connection-url.js';
import { EXIT } from '../output/exit-code.js';
import { type Column, printTable } from '../output/table.js';

interface ProfileRow {
  readonly name: string;
  readonly current: boolean;
  /** Where it connects to, never with a password. */
  readonly connection: string;
  readonly readOnly: boolean;
  readonly color: string | null;
  readonly problems: readonly string[];
}

const COLUMNS: readonly Column<ProfileRow>[] = [
  { title: 'PROFILE', cell: ({ name, current }) => `${name}${current ? ' (current)' : ''}` },
  { title: 'CONNECTS TO', cell: ({ connection }) => connection, least: 20 },
  { title: 'WRITES', cell: ({ readOnly }) => (readOnly ? 'no' : 'yes') },
  { title: 'COLOR', cell: ({ color }) => color ?? '-', drop: 1 },
  { title: 'PROBLEM', cell: ({ problems }) => problems[0] ?? '-', least: 12 },
];

/** `profiles`: the connections of the config file, without connecting to any. */
export async function run({ env, flags, terminal }: CommandContext): Promise<number> {
  const file = await readConfigFile(env);
  for (const problem of file.refused === null ? file.problems : [file.refused, ...file.problems]) {
    terminal.note(`noetl-console: ${visibleText(problem)}`);
  }
  const rows = [...file.profiles].map(([name, profile]): ProfileRow => {
    const { content, problems } = profile;
    return {
      name,
      current: name === file.current,
      connection: connectionOf(profile),
      readOnly: content.read_only ?? file.top.read_only ?? false,
      color: content.color ?? null,
      problems,
    };
  });
  if (flags.isJson) {
    for (const { readOnly, ...row } of rows) terminal.print(visibleJson({ ...row, read_only: readOnly }));
  } else if (flags.form === 'name') {
    for (const { name } of rows) terminal.print(visibleText(name));
  } else if (rows.length === 0) {
    terminal.note(`No profiles in ${visibleText(file.path)}; docs/configuration.md has an example.`);
  } else printTable(rows, COLUMNS, terminal, flags.form);
  return EXIT.done;
}

function connectionOf({ content }: ConfigProfile): string {
  if (content.shards !== undefined) return `${content.shards.split(',').length} shards`;
  let { host, port, user, database } = content;
  if (content.url !== undefined) {
    try {
      const url = parseConnectionUrl(content.url, 'url');
      host ??= url.host;
      port ??= url.port;
      user ??= url.user;
      database ??= url.database;
    } catch {
      return 'a url that cannot be read';
    }
  }
  const service = content.service === undefined ? '' : ` (service ${content.service})`;
  if (host === undefined && database === undefined) return service.trim() || 'nothing';
  return `${user ?? ''}${user ? '@' : ''}${host ?? 'localhost'}:${port ?? 5432}/${database ?? user ?? ''}${service}`;
}
