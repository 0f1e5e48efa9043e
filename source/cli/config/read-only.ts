import type { Flags } from '../parse/flags.js';
import { ConfigurationError } from '../usage-error.js';
import type { ConfigFile } from './config-file.js';
import type { Environment } from './environment.js';
import type { Profile } from './profile.js';

const YES = ['1', 'true', 'yes', 'on'];
const NO = ['', '0', 'false', 'no', 'off'];

/**
 * Whether this run may write nothing: any of `--read-only`, NOETL_CONSOLE_READ_ONLY and `read_only` in the profile or at
 * the config file's top. They add up, and none takes back another: a machine that is configured read-only stays so.
 *
 * @throws ConfigurationError for a value that is neither yes nor no: guessing could mean writing.
 */
export function isReadOnly(flags: Flags, env: Environment, file: ConfigFile, profile: Profile | null): boolean {
  if (flags.on('read-only')) return true;
  const word = (env.NOETL_CONSOLE_READ_ONLY ?? '').trim().toLowerCase();
  if (YES.includes(word)) return true;
  if (!NO.includes(word)) throw new ConfigurationError('NOETL_CONSOLE_READ_ONLY must be 1 or 0');
  return file.top.read_only === true || profile?.content.read_only === true;
}
