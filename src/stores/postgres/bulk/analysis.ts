import type { Session } from '../connection/database.ts';
import { readTally } from '../survey/read-tally.ts';
import type { Names } from '../tables/names.ts';

/** So many tasks came in before anybody looks whether the planner knows of them. */
const MANY = 1000;

/** Tells the database's planner of many tasks that came in: until autovacuum does, a minute later at best, it would go through all of them for each claim. */
export class Analysis {
  readonly #names: Names;
  #added = 0;

  constructor(names: Names) {
    this.#names = names;
  }

  /** To be told when they are there. A role that does not own the tables may not; then PostgreSQL warns, and leaves it. */
  async added(session: Session, count: number): Promise<void> {
    this.#added += count;
    if (this.#added < MANY) return;
    this.#added = 0;
    const { task, job } = this.#names;
    const [known] = await session.query<{ rows: number }>(
      'SELECT least(max(reltuples) FILTER (WHERE oid = $1::regclass), max(reltuples) FILTER (WHERE oid = $2::regclass))::float8 AS rows FROM pg_class WHERE oid IN ($1::regclass, $2::regclass)',
      [task, job],
    );
    const { counts } = await readTally(session, this.#names);
    if ((known?.rows ?? 0) * 2 < counts.total) await session.query(`ANALYZE ${task}, ${job}`);
  }
}
