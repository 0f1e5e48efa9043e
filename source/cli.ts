#!/usr/bin/env node
/** The bin. It answers `--version` alone, so that scripts which only ask for it load nothing else, not even a chunk. */
declare const NOETL_CONSOLE_VERSION: string | undefined;

// SIGUSR1 opens Node's debugger on a port and prints its address into the screen. With a listener it does nothing.
process.on('SIGUSR1', () => {});

const words = process.argv.slice(2);
// Setting the title overwrites the arguments in memory: what /proc and ps show from now on is the program's name, and not
// the password of --database-url or --token. They stand there until Node has started (docs/security.md).
process.title = 'noetl-console';
if (words.length === 1 && (words[0] === '--version' || words[0] === '-v')) {
  const version =
    typeof NOETL_CONSOLE_VERSION === 'string' ? NOETL_CONSOLE_VERSION : (await import('./cli/version.js')).VERSION;
  process.stdout.write(`${version}\n`);
} else {
  const { main } = await import('./cli/main.js');
  await main(words);
}

export {};
