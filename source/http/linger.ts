import type { FastifyReply, FastifyRequest } from 'fastify';

/** So much of a refused body, in bytes, is read and thrown away before the connection is cut. */
const MOST_DISCARDED = 8 * 1024 * 1024;
/** And for so long, in milliseconds. */
const MOST_LINGERING_MS = 3000;

/**
 * Lets a client read why its body was refused. Closing a connection with unread data on it resets it, and the reset may
 * overtake the answer. So the rest of the body is read and thrown away, within bounds, and the connection is kept.
 */
export function lingerOverRest({ raw }: FastifyRequest, reply: FastifyReply): void {
  // Requests that were injected have no socket to cut.
  if (raw.complete || reply.statusCode < 400 || typeof raw.socket?.destroySoon !== 'function') return;
  reply.removeHeader('connection');
  let discarded = 0;
  const cut = () => raw.socket.destroy();
  const timer = setTimeout(cut, MOST_LINGERING_MS);
  const over = () => clearTimeout(timer);
  raw.on('data', (chunk: Buffer) => {
    discarded += chunk.length;
    if (discarded > MOST_DISCARDED) cut();
  });
  raw.once('end', over);
  raw.once('close', () => {
    if (raw.complete || raw.destroyed) over();
  });
  raw.resume();
}
