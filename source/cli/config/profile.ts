import { nearWord } from '../parse/near-word.js';
import { ConfigurationError } from '../usage-error.js';
import type { ConfigFile } from './config-file.js';
import type { ProfileContent } from './config-schema.js';

/** A profile of the config file that a run works with. */
export interface Profile {
  readonly name: string;
  readonly content: ProfileContent;
  /** How it was chosen: `--profile`, NOETL_CONSOLE_PROFILE, or the file's `current`. */
  readonly chosenBy: string;
}

/**
 * A profile by its name, checked: what is wrong in a profile that is used is an error.
 *
 * @throws ConfigurationError that names the line, the near name, or how to make the file private.
 */
export function profileNamed(file: ConfigFile, name: string, chosenBy: string): Profile {
  if (file.refused !== null) throw new ConfigurationError(file.refused);
  const found = file.profiles.get(name);
  if (!found) {
    if (!file.exists) throw new ConfigurationError(`${chosenBy} names profile ${name}, and there is no ${file.path}`);
    const near = nearWord(name, file.profiles.keys());
    const known = [...file.profiles.keys()].join(', ') || 'none';
    const hint = near ? `did you mean ${near}?` : `it has ${known}`;
    throw new ConfigurationError(`${chosenBy} names profile ${name}, which ${file.path} does not have; ${hint}`);
  }
  const [problem] = found.problems;
  if (problem !== undefined) throw new ConfigurationError(problem);
  return { name, content: found.content, chosenBy };
}
