import type { Socket } from 'node:net';
import { type ProxyServer, proxyServer } from './proxy-server.js';

/** A statement on its way to the server. */
export interface ProxiedStatement {
  readonly text: string;
  /** 1 for the first statement since the proxy began or `follow` was called. */
  readonly nth: number;
  /** 1 for the first connection since the proxy began. */
  readonly connection: number;
}

/**
 * What happens to a statement: the connection is cut before the server sees it; or after the server has answered, with
 * the answer lost; or the answer never comes and the connection stays open; or it only arrives later.
 */
export type Fault = 'cut-before' | 'lose-answer' | 'swallow' | { readonly delayMs: number };

export type FaultRule = (statement: ProxiedStatement) => Fault | null;

const SSL_REQUEST = 80_877_103;
const GSS_REQUEST = 80_877_104;

/**
 * A TCP proxy to a PostgreSQL that fails where a test says: it can go away as a whole (cut, restore), and it reads the
 * frontend's messages, so that a rule can pick the statement at which a connection breaks. Without TLS only.
 */
export class FaultProxy {
  #mode: 'through' | 'refuse' | 'hang' = 'through';
  #rule: FaultRule = () => null;
  #statements = 0;
  #connections = 0;
  #target: string | undefined;

  private constructor(private readonly listening: ProxyServer) {}

  get url(): string {
    return this.listening.url;
  }

  static async before(databaseUrl: string): Promise<FaultProxy> {
    const listening = await proxyServer(databaseUrl);
    const proxy = new FaultProxy(listening);
    listening.server.on('connection', (client) => proxy.#connect(client));
    return proxy;
  }

  /** Every statement from now on is shown to the rule, counted from 1; null lets it pass. */
  follow(rule: FaultRule): void {
    this.#statements = 0;
    this.#rule = rule;
  }

  cut(mode: 'refuse' | 'hang' = 'refuse'): void {
    this.#mode = mode;
    for (const socket of this.listening.open) socket.destroy();
  }

  restore(): void {
    this.#mode = 'through';
    for (const socket of this.listening.open) socket.destroy();
  }

  /** New connections go to this server from now on: a restarted one may listen on another port. */
  retarget(databaseUrl: string): void {
    this.#target = databaseUrl;
  }

  async close(): Promise<void> {
    await this.listening.close();
  }

  #connect(client: Socket): void {
    client.on('error', () => {});
    if (this.#mode === 'refuse') return void client.destroy();
    if (this.#mode === 'hang') return;
    const upstream = this.listening.dial(this.#target);
    upstream.on('error', () => client.destroy());
    const connection = ++this.#connections;
    const decide = (text: string) => this.#rule({ text, nth: ++this.#statements, connection });
    const answers = new AnswerGate(client, upstream);
    const requests = new StatementReader(decide, (message, fault, asksForReady) => {
      if (fault === 'cut-before') return answers.cut();
      if (fault === 'lose-answer' || fault === 'swallow') answers.withhold(fault);
      if (typeof fault === 'object' && fault !== null) answers.delay(fault.delayMs);
      if (asksForReady) answers.expect();
      upstream.write(message);
    });
    client.on('data', (chunk: Buffer) => requests.read(chunk));
    upstream.on('data', (chunk: Buffer) => answers.read(chunk));
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
  }
}

/** Cuts the frontend's bytes into messages; Query and Parse hold the statement's text. */
class StatementReader {
  #rest: Buffer = Buffer.alloc(0);
  #started = false;

  constructor(
    private readonly decide: (text: string) => Fault | null,
    private readonly send: (message: Buffer, fault: Fault | null, asksForReady: boolean) => void,
  ) {}

  read(chunk: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    for (;;) {
      const head = this.#started ? 1 : 0;
      if (this.#rest.length < head + 4) return;
      const length = head + this.#rest.readUInt32BE(head);
      if (this.#rest.length < length) return;
      const message = this.#rest.subarray(0, length);
      this.#rest = this.#rest.subarray(length);
      this.#take(message);
    }
  }

  #take(message: Buffer): void {
    if (!this.#started) {
      // The startup packet has no type; the two requests for encryption come before it.
      this.#started = ![SSL_REQUEST, GSS_REQUEST].includes(message.readUInt32BE(4));
      this.send(message, null, this.#started);
      return;
    }
    const type = String.fromCharCode(message[0]!);
    const from = type === 'Q' ? 5 : message.indexOf(0, 5) + 1;
    const isStatement = type === 'Q' || type === 'P';
    const fault = isStatement ? this.decide(message.toString('utf8', from, message.indexOf(0, from))) : null;
    this.send(message, fault, type === 'Q' || type === 'S');
  }
}

/** Lets the server's answers through, or keeps them back until its ReadyForQuery says that it has done its part. */
class AnswerGate {
  #withheld: 'lose-answer' | 'swallow' | null = null;
  /** Answers that the server owes for what was sent: pipelined statements are several. */
  #owed = 0;
  /** How many of them still go through before one is withheld. */
  #passing = 0;
  #pending: Buffer = Buffer.alloc(0);
  #until = 0;
  readonly #late: Buffer[] = [];

  constructor(
    private readonly client: Socket,
    private readonly upstream: Socket,
  ) {}

  cut(): void {
    this.client.destroy();
    this.upstream.destroy();
  }

  /** A message was sent that the server answers with ReadyForQuery. */
  expect(): void {
    this.#owed += 1;
  }

  /** Withholds the answer to the statement that is sent next, and what comes after it. */
  withhold(how: 'lose-answer' | 'swallow'): void {
    if (this.#withheld === null) this.#passing = this.#owed;
    this.#withheld ??= how;
  }

  delay(ms: number): void {
    this.#until = Date.now() + ms;
  }

  read(chunk: Buffer): void {
    this.#pending = Buffer.concat([this.#pending, chunk]);
    let whole = 0;
    while (this.#pending.length >= whole + 5) {
      const length = 1 + this.#pending.readUInt32BE(whole + 1);
      if (this.#pending.length < whole + length) break;
      const isReady = this.#pending[whole] === 'Z'.charCodeAt(0);
      if (this.#withheld !== null && this.#passing === 0) {
        this.#forward(this.#pending.subarray(0, whole));
        this.#pending = this.#pending.subarray(whole + length);
        whole = 0;
        if (!isReady || this.#withheld !== 'lose-answer') continue;
        this.cut();
        return;
      }
      whole += length;
      if (isReady) {
        this.#owed -= 1;
        this.#passing = Math.max(0, this.#passing - 1);
      }
    }
    this.#forward(this.#pending.subarray(0, whole));
    this.#pending = this.#pending.subarray(whole);
  }

  #forward(chunk: Buffer): void {
    if (chunk.length === 0) return;
    const wait = this.#until - Date.now();
    if (wait <= 0 && this.#late.length === 0) {
      this.client.write(chunk);
      return;
    }
    // In order, whatever the timers do: answers of several statements may be under way.
    this.#late.push(chunk);
    setTimeout(
      () => {
        const next = this.#late.shift();
        if (next && this.client.writable) this.client.write(next);
      },
      Math.max(0, wait),
    );
  }
}
