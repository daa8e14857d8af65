import { PGlite } from '@electric-sql/pglite';
import type { Clock } from '../../src/model/clock.ts';
import { assembleStore } from '../../src/stores/postgres/assemble.ts';
import type { Database, Row, Session } from '../../src/stores/postgres/database.ts';
import type { PostgresTaskStore } from '../../src/stores/postgres/postgres-task-store.ts';
import { queueSchema } from '../../src/stores/postgres/schema.ts';

/** PostgreSQL in this process, for what needs no server. */
export class Postgres {
  readonly #pglite: PGlite;
  #schemas = 0;

  private constructor(pglite: PGlite) {
    this.#pglite = pglite;
  }

  static async start(): Promise<Postgres> {
    return new Postgres(await PGlite.create());
  }

  stop(): Promise<void> {
    return this.#pglite.close();
  }

  /** A schema that nobody has used. */
  newSchema(): string {
    return `orch_${++this.#schemas}`;
  }

  /** Each is one more connection, as far as the store can tell. */
  connect(): Database {
    return pgliteDatabase(this.#pglite);
  }

  /** @param clock the database goes by it too. */
  async open(schema: string, clock?: Clock): Promise<PostgresTaskStore> {
    const store = await assembleStore(this.connect(), schema, { clock, shown: schema });
    if (clock) {
      await this.#pglite.exec(
        `CREATE OR REPLACE FUNCTION ${queueSchema(schema)}.job_now() RETURNS timestamptz LANGUAGE sql STABLE AS $$ SELECT ${schema}.now() $$`,
      );
    }
    return store;
  }

  /** An empty store. */
  async openNew(clock?: Clock): Promise<PostgresTaskStore> {
    return this.open(this.newSchema(), clock);
  }
}

function pgliteDatabase(pglite: PGlite): Database {
  const unlisten: Array<() => Promise<void>> = [];
  return {
    query: (text, values) => sessionOf(pglite).query(text, values),
    transaction: (work) => pglite.transaction((transaction) => work(sessionOf(transaction))),
    async listen(channel, listener) {
      unlisten.push(await pglite.listen(channel, listener));
    },
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
