import type { Socket } from 'node:net';
import { type ProxyServer, proxyServer } from './proxy-server.js';

/** Turns of the event loop without a word from the client after which it waits for an answer. */
const QUIET_TURNS = 20;

/**
 * A proxy that counts the round trips of a client in this process: how often it waits for answers before it sends on.
 * The server's answers are kept until it has answered everything and the client sends nothing further, and then all of
 * them are delivered together. So what leaves without waiting counts once, however fast either side is: nothing is timed.
 */
export class RoundTripProxy {
  connections = 0;
  /** Since the proxy began or `reset` was called, those that open connections included. */
  roundTrips = 0;
  readonly #links = new Set<Link>();
  /** Client bytes so far; the delivery waits until they stay as many. */
  #sent = 0;
  #isDelivering = false;
  #waits = true;

  private constructor(private readonly listening: ProxyServer) {}

  get url(): string {
    return this.listening.url;
  }

  static async before(databaseUrl: string): Promise<RoundTripProxy> {
    const listening = await proxyServer(databaseUrl);
    const proxy = new RoundTripProxy(listening);
    listening.server.on('connection', (client) => proxy.#connect(client, listening.dial()));
    return proxy;
  }

  reset(): void {
    this.connections = 0;
    this.roundTrips = 0;
    this.#waits = true;
  }

  async close(): Promise<void> {
    await this.listening.close();
  }

  #connect(client: Socket, upstream: Socket): void {
    this.connections += 1;
    const link = new Link(client);
    this.#links.add(link);
    for (const socket of [client, upstream]) {
      socket.on('error', () => {});
      socket.on('close', () => {
        this.#links.delete(link);
        client.destroy();
        upstream.destroy();
        this.#deliver();
      });
    }
    client.on('data', (chunk: Buffer) => {
      this.#sent += chunk.length;
      // Terminate is answered by nothing.
      if (this.#waits && chunk[0] !== TERMINATE) {
        this.roundTrips += 1;
        this.#waits = false;
      }
      link.takeRequest(chunk);
      upstream.write(chunk);
    });
    upstream.on('data', (chunk: Buffer) => {
      link.takeAnswer(chunk);
      this.#deliver();
    });
  }

  /** Once the server owes nothing and the client has gone quiet. */
  #deliver(): void {
    if (this.#isDelivering) return;
    this.#isDelivering = true;
    let [sent, quiet] = [this.#sent, 0];
    const look = () => {
      quiet = sent === this.#sent ? quiet + 1 : 0;
      sent = this.#sent;
      if (quiet < QUIET_TURNS) return void setImmediate(look);
      this.#isDelivering = false;
      if ([...this.#links].some((link) => !link.isAnswered)) return;
      for (const link of this.#links) if (link.deliver()) this.#waits = true;
    };
    setImmediate(look);
  }
}

const TERMINATE = 'X'.charCodeAt(0);
const [QUERY, SYNC, PASSWORD] = ['Q', 'S', 'p'].map((letter) => letter.charCodeAt(0));
const [READY, AUTHENTICATION] = ['Z', 'R'].map((letter) => letter.charCodeAt(0));
/** The kinds of Authentication messages that a client answers: SASL and SASLContinue. */
const ASKS = [10, 11];

/** One client's connection: what the server owes it, and what it has not been given yet. */
class Link {
  #requests = new Messages();
  #answers = new Messages();
  #owed = 1;
  #isStarted = false;
  #kept: Buffer[] = [];

  constructor(private readonly client: Socket) {}

  get isAnswered(): boolean {
    return this.#owed <= 0;
  }

  takeRequest(chunk: Buffer): void {
    // The startup packet has no type; the server answers it as it does a password.
    if (!this.#isStarted) {
      this.#isStarted = true;
      return;
    }
    for (const { type } of this.#requests.take(chunk)) if ([QUERY, SYNC, PASSWORD].includes(type)) this.#owed += 1;
  }

  takeAnswer(chunk: Buffer): void {
    this.#kept.push(chunk);
    for (const { type, body } of this.#answers.take(chunk)) {
      const asks = type === AUTHENTICATION && ASKS.includes(body.readUInt32BE(0));
      if (type === READY || asks) this.#owed -= 1;
    }
  }

  /** True where there was something to deliver. */
  deliver(): boolean {
    const [kept, isAny] = [Buffer.concat(this.#kept), this.#kept.length > 0];
    this.#kept = [];
    if (isAny && this.client.writable) this.client.write(kept);
    return isAny;
  }
}

/** Cuts bytes into messages. */
class Messages {
  #rest: Buffer = Buffer.alloc(0);

  *take(chunk: Buffer): Generator<{ type: number; body: Buffer }> {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    while (this.#rest.length >= 5) {
      const length = 1 + this.#rest.readUInt32BE(1);
      if (this.#rest.length < length) return;
      const message = { type: this.#rest.readUInt8(0), body: this.#rest.subarray(5, length) };
      this.#rest = this.#rest.subarray(length);
      yield message;
    }
  }
}
