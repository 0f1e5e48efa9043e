/** TLS as node-postgres takes it: certificates and keys as PEM text. */
export interface TlsSettings {
  readonly rejectUnauthorized: boolean;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** Given where whom the certificate names is not to be checked. */
  readonly checkServerIdentity?: () => undefined;
}

/** How to reach one database; shards are several of these. */
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
  readonly ssl: false | TlsSettings;
  /** TLS is wished for but not required (libpq's `prefer`): fall back to none when the server offers none. */
  readonly sslOptional?: boolean;
  /** The store then refuses every write with a StoreError of kind `writes-disabled`, whoever asks for it. */
  readonly readOnly?: boolean;
  /**
   * The program ends as soon as it has its answers: its reads share one connection as far as they can, because opening
   * another costs three round trips (lender.ts).
   */
  readonly isBrief?: boolean;
}
