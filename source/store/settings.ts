/** How to reach one database. Shards will be several of these; TLS files will be more of `ssl`. */
export interface ConnectionSettings {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Never shown: not in messages, not in the console's header. */
  readonly password: string | undefined;
  readonly database: string;
  /** The schema that holds NoETL's tables. */
  readonly schema: string;
  /** false: no TLS; an object: as node-postgres takes it. */
  readonly ssl: false | { readonly rejectUnauthorized: boolean };
  /** TLS is wished for but not required (libpq's `prefer`): fall back to none when the server offers none. */
  readonly sslOptional?: boolean;
  /** The store then refuses every write with a StoreError of kind `writes-disabled`, whoever asks for it. */
  readonly readOnly?: boolean;
}
