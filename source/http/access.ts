import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { isLoopback } from '../domain/loopback.js';
import { HttpProblem } from './errors.js';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/**
 * The check that every request but /api/health passes. With a token: the bearer token, compared in constant time (as
 * digests, which have one length). Without one, on loopback: no one from outside reaches the port, but a browser on this
 * machine does, with any page's script in it. So the Host must be a loopback name (a rebound DNS name is not), and
 * a request that a browser made for another origin is refused.
 */
export function accessCheck(token: string | null): (request: FastifyRequest) => void {
  if (token !== null) {
    const expected = digest(token);
    return ({ headers }) => {
      const [, given] = /^Bearer +(.+)$/i.exec(headers.authorization ?? '') ?? [];
      if (given === undefined) throw new HttpProblem(401, 'a bearer token is needed');
      if (!timingSafeEqual(digest(given.trim()), expected)) throw new HttpProblem(401, 'the bearer token is wrong');
    };
  }
  return ({ headers }) => {
    const host = headers.host ?? '';
    if (!isLoopback(host.replace(/:\d+$/, ''))) {
      throw new HttpProblem(403, 'without a token only requests to a loopback address are served');
    }
    const { origin } = headers;
    const site = headers['sec-fetch-site'];
    // Another port of this machine is the same site, and another's program all the same.
    const isForeign = site !== undefined && site !== 'same-origin' && site !== 'none';
    if ((origin !== undefined && origin !== `http://${host}`) || isForeign) {
      throw new HttpProblem(403, 'requests from other origins are refused');
    }
  };
}
