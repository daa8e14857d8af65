import pg from 'pg';
import type { Database } from '../../src/stores/postgres/connection/database.ts';
import { postgresLocation } from '../../src/stores/postgres/connection/location.ts';
import { PgDatabase } from '../../src/stores/postgres/connection/pg-database.ts';
import { PostgresServer } from './postgres-server.ts';
import { PostgresStores } from './postgres-stores.ts';

/** Stores in a database of a real server. */
export class ServerStores extends PostgresStores {
  readonly #server: PostgresServer;
  readonly #url: string;
  readonly #client: pg.Client;

  private constructor(server: PostgresServer, url: string) {
    super();
    this.#server = server;
    this.#url = url;
    this.#client = new pg.Client({ connectionString: url });
  }

  static async start(): Promise<ServerStores> {
    const server = await PostgresServer.start();
    const stores = new ServerStores(server, await server.newDatabase());
    await stores.#client.connect();
    return stores;
  }

  async stop(): Promise<void> {
    await this.#client.end();
    await this.#server.stop();
  }

  protected connectTo(schema: string): Promise<Database> {
    const url = new URL(this.#url);
    url.searchParams.set('schema', schema);
    return PgDatabase.connect(postgresLocation(url.href));
  }

  protected async execute(text: string): Promise<void> {
    await this.#client.query(text);
  }
}
