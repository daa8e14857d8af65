import { setTimeout as wait } from 'node:timers/promises';
import type { Client } from 'pg';
import { messageOf, OrchError } from '../../model/errors.ts';
import type { Database, Row, Session } from './database.ts';
import { failureOf } from './failures.ts';
import type { PostgresLocation } from './location.ts';
import { PgListener } from './pg-listener.ts';
import { withoutSecrets } from './without-secrets.ts';

/** How long a connection that was lost is tried for, in milliseconds. A run waits so long with what it has in hand. */
const PATIENCE_MS = 300_000;

/** Between two attempts, in milliseconds: at first, and at most. */
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 2000;

/** How long one attempt may take, in milliseconds. */
const CONNECT_MS = 10_000;

/** The time of a transaction, and the number by which it is known afterwards whether it was committed. */
const BEGIN = `BEGIN; SELECT floor(extract(epoch FROM now()) * 1000)::float8 AS now, pg_current_xact_id()::text AS xid`;

/** A database by one connection, and by another one to listen. A connection that is lost is made anew. */
export class PgDatabase implements Database {
  readonly #location: PostgresLocation;
  #client: Client | undefined;
  #listener: PgListener | undefined;
  #closing = new AbortController();

  constructor(location: PostgresLocation) {
    this.#location = location;
  }

  /** @throws `store-unusable`: it cannot be reached. */
  static async connect(location: PostgresLocation): Promise<PgDatabase> {
    const database = new PgDatabase(location);
    try {
      await database.#connected();
    } catch (error) {
      throw database.#unusable(error);
    }
    return database;
  }

  async query<R extends object = Row>(text: string, values?: readonly unknown[]): Promise<R[]> {
    return this.#withClient((client) => sessionOf(client).query<R>(text, values));
  }

  async transaction<T>(work: (session: Session, now: number) => Promise<T>): Promise<T> {
    for (;;) {
      const outcome = await this.#withClient((client) => this.#inTransaction(client, work));
      if (outcome.committed) return outcome.value;
    }
  }

  async listen(channel: string, listener: (payload: string) => void): Promise<void> {
    this.#listener = new PgListener(this.#location, channel, listener);
    await this.#listener.start();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#listener?.stop();
    const client = this.#client;
    this.#client = undefined;
    await client?.end().catch(() => {});
  }

  /** @returns not committed where it is to be done again. */
  async #inTransaction<T>(
    client: Client,
    work: (session: Session, now: number) => Promise<T>,
  ): Promise<{ committed: true; value: T } | { committed: false }> {
    const session = sessionOf(client);
    let value: T;
    let begun: { now: number; xid: string };
    try {
      [begun] = (await session.query(BEGIN)) as [{ now: number; xid: string }];
      value = await work(session, begun.now);
    } catch (error) {
      if (failureOf(error) !== 'lost') await client.query('ROLLBACK');
      if (failureOf(error) === 'collided') return { committed: false };
      throw error;
    }
    try {
      await client.query('COMMIT');
      return { committed: true, value };
    } catch (error) {
      if (failureOf(error) === 'refused') throw error;
      if (failureOf(error) === 'collided') return { committed: false };
      this.#drop(client);
      return (await this.#wasCommitted(begun.xid)) ? { committed: true, value } : { committed: false };
    }
  }

  /** The connection broke while it was being committed. */
  async #wasCommitted(xid: string): Promise<boolean> {
    for (;;) {
      const [row] = await this.query<{ status: string | null }>(
        'SELECT pg_xact_status($1::text::xid8) AS status',
        [xid],
      );
      if (row?.status !== 'in progress') return row?.status === 'committed';
      // The server has not noticed yet that nobody is there.
      await wait(FIRST_WAIT_MS);
    }
  }

  /** With a connection, and with another one where that is lost before an answer has come. */
  async #withClient<T>(use: (client: Client) => Promise<T>): Promise<T> {
    const until = Date.now() + PATIENCE_MS;
    for (let pause = FIRST_WAIT_MS; ; pause = Math.min(2 * pause, LONGEST_WAIT_MS)) {
      let client: Client | undefined;
      try {
        client = await this.#connected();
        return await use(client);
      } catch (error) {
        if (error instanceof OrchError) throw error;
        if (failureOf(error) !== 'lost') throw client ? error : this.#unusable(error);
        if (client) this.#drop(client);
        if (Date.now() > until || this.#closing.signal.aborted) throw this.#unusable(error);
        await wait(pause, undefined, { signal: this.#closing.signal }).catch(() => {});
      }
    }
  }

  async #connected(): Promise<Client> {
    if (this.#client) return this.#client;
    const { Client } = (await import('pg')).default;
    const client = new Client({
      connectionString: this.#location.url,
      application_name: 'orch',
      connectionTimeoutMillis: CONNECT_MS,
      keepAlive: true,
    });
    // Whoever waits for an answer is told; an event without a listener would end the process.
    client.on('error', () => this.#drop(client));
    client.on('end', () => this.#drop(client));
    await client.connect();
    this.#client = client;
    return client;
  }

  #drop(client: Client): void {
    if (this.#client === client) this.#client = undefined;
    client.end().catch(() => {});
  }

  #unusable(error: unknown): OrchError {
    const why = withoutSecrets(messageOf(error) || String(error), this.#location.url);
    const message = `Cannot use the database ${this.#location.shown}: ${why}; see that it runs and that this machine may reach it`;
    return new OrchError('store-unusable', message, { cause: error });
  }
}

/** Of several statements in one text the rows of all, one after the other. */
function sessionOf(client: Client): Session {
  return {
    async query<R extends object = Row>(text: string, values?: readonly unknown[]): Promise<R[]> {
      const result: unknown = await client.query(text, values as unknown[]);
      const all = (Array.isArray(result) ? result : [result]) as Array<{ rows: R[] }>;
      return all.flatMap(({ rows }) => rows ?? []);
    },
  };
}
