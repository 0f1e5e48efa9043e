/** Starts a server, tells its url and the watchdog's child on standard output, and stays until it is killed. */
import { startEmbeddedServer } from '../../../source/demo/embedded-server.js';

const [directory] = process.argv.slice(2);
const server = await startEmbeddedServer({ inMemory: true, directory: directory || undefined });
process.stdout.write(`${JSON.stringify({ url: server.url })}\n`);
setInterval(() => {}, 60_000);
