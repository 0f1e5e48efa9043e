import { readFileSync } from 'node:fs';

/** Put in by the build; absent when the program runs from its sources. */
declare const NOETL_CONSOLE_VERSION: string | undefined;

function versionOfPackage(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** The program's version, as in package.json. */
export const VERSION: string = typeof NOETL_CONSOLE_VERSION === 'string' ? NOETL_CONSOLE_VERSION : versionOfPackage();
/** How the program names itself: in `meta.source` of what it writes, and to the database. */
export const SOURCE_NAME = `noetl-console/${VERSION}`;
