import { PGlite } from '@electric-sql/pglite';
import type { Database, Row, Session } from '../../src/stores/postgres/connection/database.ts';
import { PostgresStores } from './postgres-stores.ts';

/** PostgreSQL in this process, for what needs no server. */
export class Postgres extends PostgresStores {
  readonly #pglite: PGlite;

  private constructor(pglite: PGlite) {
    super();
    this.#pglite = pglite;
  }

  static async start(): Promise<Postgres> {
    return new Postgres(await PGlite.create());
  }

  stop(): Promise<void> {
    return this.#pglite.close();
  }

  protected async connectTo(): Promise<Database> {
    // All share one session, and a clock may have been there before.
    await this.#pglite.query("SELECT set_config('orch.now', '', false)");
    return pgliteDatabase(this.#pglite);
  }

  protected async execute(text: string): Promise<void> {
    await this.#pglite.exec(text);
  }
}

function pgliteDatabase(pglite: PGlite): Database {
  const unlisten: Array<() => Promise<void>> = [];
  return {
    lostAt: undefined,
    aheadMs: 0,
    query: sessionOf(pglite).query,
    transaction: (work) =>
      pglite.transaction(async (transaction) => work(sessionOf(transaction), Date.now())),
    async listen(channel, listener) {
      unlisten.push(await pglite.listen(channel, listener));
    },
    hurry() {},
    tick() {},
    async close() {
      for (const each of unlisten) await each();
    },
  };
}

function sessionOf(executor: Pick<PGlite, 'query' | 'exec'>): Session {
  return {
    async query<R extends object = Row>(text: string, values?: readonly unknown[]): Promise<R[]> {
      if (values?.length) return (await executor.query<R>(text, [...values])).rows;
      return (await executor.exec(text)).flatMap(({ rows }) => (rows ?? []) as R[]);
    },
  };
}
