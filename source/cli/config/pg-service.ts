import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { nearWord } from '../../text/words.js';
import { ConfigurationError } from '../args/usage-error.js';
import { type ConnectionParts, parsePort } from './connection-url.js';
import type { Environment } from './environment.js';
import { parseSslMode } from './ssl-mode.js';

/**
 * A section of libpq's connection service file: PGSERVICEFILE, else ~/.pg_service.conf, else pg_service.conf in
 * PGSYSCONFDIR. Source: PostgreSQL documentation, "The Connection Service File".
 *
 * @throws ConfigurationError where no file has the section; the message names the files that were looked at.
 */
export function serviceParts(name: string, env: Environment, where: string): ConnectionParts {
  const files = [
    env.PGSERVICEFILE || join(homedir(), '.pg_service.conf'),
    ...(env.PGSYSCONFDIR ? [join(env.PGSYSCONFDIR, 'pg_service.conf')] : []),
  ];
  const known: string[] = [];
  for (const file of files) {
    const sections = sectionsOf(file);
    const section = sections.get(name);
    if (section) return partsOf(section, `${file} [${name}]`);
    known.push(...sections.keys());
  }
  const near = nearWord(name, known);
  const hint = near ? `; did you mean ${near}?` : '';
  throw new ConfigurationError(`${where} names service ${name}, which ${files.join(' and ')} does not have${hint}`);
}

function sectionsOf(file: string): Map<string, Map<string, string>> {
  const sections = new Map<string, Map<string, string>>();
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return sections;
  }
  let section: Map<string, string> | undefined;
  for (const line of text.split('\n').map((each) => each.trim())) {
    if (line === '' || line.startsWith('#')) continue;
    if (line.startsWith('[') && line.endsWith(']')) {
      section = new Map();
      // libpq takes the first section of a name.
      if (!sections.has(line.slice(1, -1))) sections.set(line.slice(1, -1), section);
      continue;
    }
    const mark = line.indexOf('=');
    if (mark > 0) section?.set(line.slice(0, mark).trim(), line.slice(mark + 1).trim());
  }
  return sections;
}

function partsOf(section: ReadonlyMap<string, string>, where: string): ConnectionParts {
  const port = section.get('port');
  const mode = section.get('sslmode');
  return {
    host: section.get('host') || section.get('hostaddr') || undefined,
    port: port ? parsePort(port, where) : undefined,
    user: section.get('user') || undefined,
    password: section.get('password') || undefined,
    database: section.get('dbname') || undefined,
    sslMode: mode ? parseSslMode(mode, where) : undefined,
    tls: {
      sslRootCert: section.get('sslrootcert') || undefined,
      sslCert: section.get('sslcert') || undefined,
      sslKey: section.get('sslkey') || undefined,
    },
  };
}
