import { randomUUID } from 'node:crypto';
import { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { Client } from 'pg';
import { beginSession } from './begin-session.ts';
import type { Row, Session } from './database.ts';
import { isOutdated } from './failures.ts';
import type { PostgresLocation } from './location.ts';
import type { Mark } from './marks.ts';
import { passwordOf } from './password.ts';
import { Prepared } from './prepared.ts';
import { type TlsWay, tlsWays } from './tls.ts';
import { firstWanted } from './tls-ways.ts';

/** How long it may take to connect, in milliseconds. */
const CONNECT_MS = 10_000;

/** How long a connection that is idle carries nothing until it is asked whether it still can, in milliseconds. */
const KEEPALIVE_MS = 10_000;

/** How long a goodbye may take, in milliseconds. */
const GOODBYE_MS = 1000;

/** One connection. */
export class Link implements Session {
  readonly #client: Client;
  readonly #socket: Socket;
  readonly #prepared = new Prepared();
  /** The process that serves it. */
  #pid = 0;
  #waiting = 0;
  #mark: Mark = { session: randomUUID(), number: 0 };

  private constructor(client: Client, socket: Socket) {
    this.#client = client;
    this.#socket = socket;
  }

  /**
   * @param name by which the server knows it. @param onEnd it has ended, of which whoever waits for an answer is told besides.
   * @throws what the driver says; `usage`: the files that TLS needs; `store-unusable`: the server is
   * too old, or a pooler gives no session of its own.
   */
  static async open(location: PostgresLocation, name: string, onEnd: (link: Link) => void): Promise<Link> {
    const link = await Link.#inAWay(location, name, onEnd);
    try {
      const said = (link.#client as Client & { processID: number | null }).processID;
      link.#pid = await beginSession(link, said, location, () => Link.#inAWay(location, name, () => {}));
      return link;
    } catch (error) {
      link.destroy();
      throw error;
    }
  }

  static #inAWay(location: PostgresLocation, name: string, onEnd: (link: Link) => void): Promise<Link> {
    const ways = location.host.startsWith('/') ? [false as const] : tlsWays(location.tls);
    return firstWanted(ways, (tls) => Link.#connect(location, name, tls, onEnd));
  }

  static async #connect(
    location: PostgresLocation,
    name: string,
    tls: TlsWay,
    onEnd: (link: Link) => void,
  ): Promise<Link> {
    const { Client } = (await import('pg')).default;
    const { host, port, user, database, options } = location;
    const socket = new Socket();
    const client = new Client({
      host,
      port,
      user,
      database,
      ...(options !== undefined && { options }),
      password: () => passwordOf(location),
      ssl: tls,
      stream: () => socket,
      application_name: name,
      connectionTimeoutMillis: CONNECT_MS,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEPALIVE_MS,
    });
    const link = new Link(client, socket);
    // An event without a listener would end the process.
    client.on('error', () => onEnd(link));
    client.on('end', () => onEnd(link));
    try {
      await client.connect();
    } catch (error) {
      link.destroy();
      throw error;
    }
    return link;
  }

  get pid(): number {
    return this.#pid;
  }

  /** Whether an answer is due. */
  get isWaiting(): boolean {
    return this.#waiting > 0;
  }

  /** Bytes that have come. */
  get heard(): number {
    return this.#socket.bytesRead;
  }

  nextMark(): Mark {
    this.#mark = { ...this.#mark, number: this.#mark.number + 1 };
    return this.#mark;
  }

  /** Within a transaction: there the same is said again and again. */
  readonly repeating: Session = {
    query: (text, values) =>
      this.#query(text, values, values?.some(isLong) ? undefined : this.#prepared.nameOf(text)),
  };

  /** What is to be said with a BEGIN. */
  renewal(): string {
    return this.#prepared.renewal();
  }

  /** Of several statements in one text the rows of all, one after the other. */
  query<R extends object = Row>(text: string, values?: readonly unknown[]): Promise<R[]> {
    return this.#query(text, values);
  }

  async #query<R extends object>(text: string, values?: readonly unknown[], name?: string): Promise<R[]> {
    this.#waiting++;
    try {
      const result: unknown = await this.#client.query({
        text,
        ...(values && { values: [...values] }),
        ...(name !== undefined && { name }),
      });
      const all = (Array.isArray(result) ? result : [result]) as Array<{ rows: R[] }>;
      return all.flatMap(({ rows }) => rows ?? []);
    } catch (error) {
      if (isOutdated(error)) this.#prepared.forget();
      throw error;
    } finally {
      this.#waiting--;
    }
  }

  async listen(channel: string, listener: (payload: string) => void): Promise<void> {
    this.#client.on('notification', ({ payload = '' }) => listener(payload));
    await this.query(`LISTEN ${this.#client.escapeIdentifier(channel)}`);
  }

  async close(): Promise<void> {
    const said = new AbortController();
    const late = wait(GOODBYE_MS, undefined, { signal: said.signal }).catch(() => {});
    await Promise.race([this.#client.end().catch(() => {}), late]);
    said.abort();
    this.#socket.destroy();
  }

  /** Without a goodbye, which may not get through. Whoever waits for an answer is told. @param why default: it was terminated. */
  destroy(why?: Error): void {
    this.#socket.destroy(why);
  }
}

/** Where many rows are given, a statement is planned for as many: a plan for a few is slow with them. */
function isLong(value: unknown): boolean {
  return Array.isArray(value) && value.length > 256;
}
