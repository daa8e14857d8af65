import type { Client } from 'pg';
import type { PostgresLocation } from './location.ts';

/** Between two attempts to listen again, in milliseconds. */
const PAUSE_MS = 1000;

/** How often it is seen to that the connection still carries anything, in milliseconds. */
const HEARTBEAT_MS = 30_000;

/** How long that may take, in milliseconds. */
const ANSWER_MS = 10_000;

/** Listens by a connection of its own, which is made anew when it is lost. */
export class PgListener {
  readonly #location: PostgresLocation;
  readonly #channel: string;
  readonly #listener: (payload: string) => void;
  #client: Client | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(location: PostgresLocation, channel: string, listener: (payload: string) => void) {
    this.#location = location;
    this.#channel = channel;
    this.#listener = listener;
  }

  /** Resolves when it listens; where that cannot be now, it is tried again. */
  async start(): Promise<void> {
    try {
      await this.#connect();
    } catch {
      this.#again();
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#client?.end().catch(() => {});
  }

  async #connect(): Promise<void> {
    const { Client } = (await import('pg')).default;
    const client = new Client({
      connectionString: this.#location.url,
      application_name: 'orch-listen',
      connectionTimeoutMillis: ANSWER_MS,
      query_timeout: ANSWER_MS,
      keepAlive: true,
    });
    this.#client = client;
    const lost = () => this.#lost(client);
    client.on('error', lost);
    client.on('end', lost);
    client.on('notification', ({ payload = '' }) => this.#listener(payload));
    await client.connect();
    await client.query(`LISTEN ${client.escapeIdentifier(this.#channel)}`);
    this.#beatSoon(client);
    this.#listener('');
  }

  #beatSoon(client: Client): void {
    this.#timer = setTimeout(() => {
      client.query('SELECT 1').then(
        () => client === this.#client && this.#beatSoon(client),
        () => this.#lost(client),
      );
    }, HEARTBEAT_MS);
    this.#timer.unref();
  }

  #lost(client: Client): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    client.end().catch(() => {});
    this.#again();
  }

  #again(): void {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    this.#timer = setTimeout(() => void this.start(), PAUSE_MS);
    this.#timer.unref();
  }
}
