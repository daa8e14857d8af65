import { PGlite } from '@electric-sql/pglite';
import type { Clock } from '../../src/model/clock.ts';
import type { Database, Row, Session } from '../../src/stores/postgres/connection/database.ts';
import { partsIn } from '../../src/stores/postgres/parts.ts';
import { PostgresTaskStore } from '../../src/stores/postgres/postgres-task-store.ts';
import { namesIn } from '../../src/stores/postgres/tables/names.ts';
import { queueSchema } from '../../src/stores/postgres/tables/schema.ts';

/** PostgreSQL in this process, for what needs no server. */
export class Postgres {
  readonly #pglite: PGlite;
  readonly #left: string[] = [];
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

  /** One more connection, as far as the store can tell. */
  connect(clock?: Clock): Database {
    return pgliteDatabase(this.#pglite, clock);
  }

  /** @param clock the database goes by it too. */
  async open(schema: string, clock?: Clock): Promise<PostgresTaskStore> {
    const parts = await partsIn(this.connect(clock), schema, { create: true, shown: schema });
    if (clock) await this.#pglite.exec(queueByOurClock(schema));
    return new PostgresTaskStore(parts);
  }

  /** An empty store, perhaps in a schema that another one has left. @param clock the database goes by it too. */
  async openNew(clock?: Clock): Promise<PostgresTaskStore> {
    const left = this.#left.pop();
    const schema = left ?? this.newSchema();
    if (left) await this.#pglite.exec(emptied(left));
    const store = await this.open(schema, clock);
    const close = store.close.bind(store);
    let isOpen = true;
    store.close = async () => {
      await close();
      if (isOpen) this.#left.push(schema);
      isOpen = false;
    };
    return store;
  }
}

function queueByOurClock(schema: string): string {
  return `CREATE OR REPLACE FUNCTION ${queueSchema(schema)}.job_now() RETURNS timestamptz LANGUAGE sql STABLE AS
    $$ SELECT ${schema}.now() $$`;
}

function emptied(schema: string): string {
  const { task, claim, run, counter, fact, job } = namesIn(schema);
  return `TRUNCATE ${task}, ${claim}, ${run} RESTART IDENTITY; TRUNCATE ${job};
    UPDATE ${counter} SET next_id = 1, last_added = '-infinity';
    UPDATE ${fact} SET value = CASE name WHEN 'ledger' THEN '{}'::json END;`;
}

function pgliteDatabase(pglite: PGlite, clock: Clock | undefined): Database {
  const unlisten: Array<() => Promise<void>> = [];
  const begin = async (session: Session): Promise<number> => {
    const at = clock ? new Date(clock.now()).toISOString() : '';
    await session.query("SELECT set_config('orch.now', $1, true)", [at]);
    return clock?.now() ?? Date.now();
  };
  return {
    lostAt: undefined,
    aheadMs: 0,
    async query<R extends object = Row>(text: string, values?: readonly unknown[]): Promise<R[]> {
      if (!clock) return sessionOf(pglite).query<R>(text, values);
      return pglite.transaction(async (transaction) => {
        const session = sessionOf(transaction);
        await begin(session);
        return session.query<R>(text, values);
      });
    },
    transaction: (work) =>
      pglite.transaction(async (transaction) => {
        const session = sessionOf(transaction);
        return work(session, await begin(session));
      }),
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
