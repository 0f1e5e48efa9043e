import { userInfo } from 'node:os';

/** The operating system's user; an id without an entry in the user table still is somebody. */
export function osUser(): string {
  try {
    return userInfo().username;
  } catch {
    return process.env.USER || 'unknown';
  }
}
