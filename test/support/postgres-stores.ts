import type { Clock } from '../../src/model/clock.ts';
import type { Database, Row, Session } from '../../src/stores/postgres/connection/database.ts';
import { type PostgresStoreParts, partsIn } from '../../src/stores/postgres/parts.ts';
import { PostgresTaskStore } from '../../src/stores/postgres/postgres-task-store.ts';
import { namesIn, queueSchema } from '../../src/stores/postgres/tables/names.ts';

/** Stores in one database, each in a schema of its own: what one has left is emptied for the next, since to make one takes longer. */
export abstract class PostgresStores {
  readonly #left: string[] = [];
  readonly #byOurClock = new Set<string>();
  #schemas = 0;

  /** A connection for a store in this schema. */
  protected abstract connectTo(schema: string): Promise<Database>;

  /** Does statements without parameters. */
  protected abstract execute(text: string): Promise<void>;

  abstract stop(): Promise<void>;

  /** A schema that nobody has used. */
  newSchema(): string {
    return `orch_${++this.#schemas}`;
  }

  /** One more connection, as far as the store can tell. @param clock the database goes by it too. */
  async connect(schema: string, clock?: Clock): Promise<Database> {
    const database = await this.connectTo(schema);
    return clock ? byClock(database, clock) : database;
  }

  /** @param clock the database goes by it too. */
  async open(schema: string, clock?: Clock): Promise<PostgresTaskStore> {
    return new PostgresTaskStore(await this.parts(schema, clock));
  }

  /** What such a store is made of. */
  async parts(schema: string, clock?: Clock): Promise<PostgresStoreParts> {
    const parts = await partsIn(await this.connect(schema, clock), schema, { create: true, shown: schema });
    if (clock && !this.#byOurClock.has(schema)) await this.execute(queueByOurClock(schema));
    if (clock) this.#byOurClock.add(schema);
    return parts;
  }

  /** An empty store. @param clock the database goes by it too. */
  async openNew(clock?: Clock): Promise<PostgresTaskStore> {
    const left = this.#left.pop();
    const schema = left ?? this.newSchema();
    if (left) await this.execute(emptied(left));
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
  const { task, claim, run, tally, counter, fact, job } = namesIn(schema);
  return `DELETE FROM ${task}; DELETE FROM ${claim}; DELETE FROM ${run}; DELETE FROM ${job}; DELETE FROM ${tally};
    UPDATE ${counter} SET next_id = 1, last_added = '-infinity';
    UPDATE ${fact} SET value = CASE name WHEN 'ledger' THEN '{}'::json END;`;
}

/** `orch.now()` is the time of this clock to whatever comes by it. */
function byClock(database: Database, clock: Clock): Database {
  const told = async (session: Session): Promise<number> => {
    const now = clock.now();
    await session.query("SELECT set_config('orch.now', $1, false)", [new Date(now).toISOString()]);
    return now;
  };
  return {
    lostAt: undefined,
    aheadMs: 0,
    async query<R extends object = Row>(text: string, values?: readonly unknown[]): Promise<R[]> {
      await told(database);
      return database.query<R>(text, values);
    },
    transaction: (work) => database.transaction(async (session) => work(session, await told(session))),
    listen: (channel, listener) => database.listen(channel, listener),
    hurry: (ms) => database.hurry(ms),
    tick: (now) => database.tick(now),
    close: () => database.close(),
  };
}
