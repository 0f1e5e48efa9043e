import type { Flags } from '../parse/flags.js';
import { ConfigurationError } from '../usage-error.js';
import { readConfigFile } from './config-file.js';
import type { Environment } from './environment.js';

const YES = ['1', 'true', 'yes', 'on'];
const NO = ['', '0', 'false', 'no', 'off'];

/**
 * Whether this run may write nothing: any of `--read-only`, NOETL_CONSOLE_READ_ONLY and the config file's `read_only`.
 * They add up, and none takes back another: a machine that is configured read-only stays so.
 *
 * @throws ConfigurationError for a value that is neither yes nor no: guessing could mean writing.
 */
export async function isReadOnly(flags: Flags, env: Environment): Promise<boolean> {
  if (flags.on('read-only')) return true;
  const word = (env.NOETL_CONSOLE_READ_ONLY ?? '').trim().toLowerCase();
  if (YES.includes(word)) return true;
  if (!NO.includes(word)) throw new ConfigurationError('NOETL_CONSOLE_READ_ONLY must be 1 or 0');
  return (await readConfigFile(env)).config.readOnly === true;
}
