import { once } from 'node:events';
import { createServer, type Server, Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/**
 * What becomes of bytes that a client has sent. `lose`: nobody gets them, nor what comes after them in either direction, and nobody is told.
 * `cut`: the link ends instead. `cut-answer`: the server gets them, and the link ends instead of its answer. `hold`: the client's end of the link ends, and
 * the server gets them when the test says so.
 */
export type Fate = 'pass' | 'lose' | 'cut' | 'cut-answer' | 'hold';

interface ProxiedLink {
  client: Socket;
  server: Socket;
  isLost: boolean;
  isCutAtAnswer: boolean;
}

/** A way to a server that breaks as a test says, on loopback. It ends with the test. */
export class LinkProxy {
  /** Asked for all that clients send. */
  fate: (text: string) => Fate = () => 'pass';
  /** What clients get instead of what the server says. */
  answer: (bytes: Buffer) => Buffer = (bytes) => bytes;
  /** New links are refused. */
  isDown = false;
  readonly #server: Server;
  readonly #target: URL;
  readonly #links = new Set<ProxiedLink>();
  readonly #held: Array<() => void> = [];

  private constructor(server: Server, target: URL) {
    this.#server = server;
    this.#target = target;
  }

  /** @param url of the database behind it */
  static async before(url: string): Promise<LinkProxy> {
    const server = createServer();
    const proxy = new LinkProxy(server, new URL(url));
    server.on('connection', (client) => proxy.#connect(client));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => {
      proxy.cut();
      server.close();
    });
    return proxy;
  }

  /** The database through it. */
  get url(): string {
    const url = new URL(this.#target);
    url.port = String((this.#server.address() as { port: number }).port);
    return url.href;
  }

  /** Ends all links. */
  cut(): void {
    for (const { client, server } of this.#links) {
      client.resetAndDestroy();
      server.destroy();
    }
  }

  /** Nobody gets anything by the links that are there. */
  lose(): void {
    for (const link of this.#links) link.isLost = true;
  }

  /** The server gets what was held. */
  release(): void {
    for (const send of this.#held.splice(0)) send();
  }

  #connect(client: Socket): void {
    if (this.isDown) {
      client.resetAndDestroy();
      return;
    }
    const server = new Socket().connect(Number(this.#target.port || 5432), this.#target.hostname);
    const link: ProxiedLink = { client, server, isLost: false, isCutAtAnswer: false };
    this.#links.add(link);
    client.on('data', (bytes) => this.#sent(link, bytes));
    server.on('data', (bytes) => {
      if (link.isCutAtAnswer) client.resetAndDestroy();
      else if (!link.isLost) client.write(this.answer(bytes));
    });
    const end = (): void => {
      if (link.isLost) return;
      this.#links.delete(link);
      client.destroy();
      server.destroy();
    };
    for (const each of [client, server]) each.on('close', end).on('error', () => {});
  }

  #sent(link: ProxiedLink, bytes: Buffer): void {
    const { client, server } = link;
    const fate = link.isLost ? 'lose' : this.fate(bytes.toString('latin1'));
    if (fate === 'lose') link.isLost = true;
    else if (fate === 'cut') client.resetAndDestroy();
    else if (fate === 'hold') {
      link.isLost = true;
      client.resetAndDestroy();
      this.#held.push(() => server.write(bytes));
    } else {
      link.isCutAtAnswer = fate === 'cut-answer';
      server.write(bytes);
    }
  }
}
