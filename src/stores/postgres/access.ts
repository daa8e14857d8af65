import { OrchError } from '../../model/errors.ts';
import { Turns } from './batch/turns.ts';
import type { Database, Session } from './connection/database.ts';

/** The way of a store to its database: one piece of work after the other, until it is closed. */
export class Access {
  readonly turns = new Turns();
  readonly #database: Database;
  #closed = false;

  constructor(database: Database) {
    this.#database = database;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  async read<T>(work: (session: Session) => Promise<T>): Promise<T> {
    this.refuseClosed();
    return this.turns.take(() => work(this.#database));
  }

  async transaction<T>(work: (session: Session, now: number) => Promise<T>): Promise<T> {
    this.refuseClosed();
    return this.turns.take(() => this.#database.transaction(work));
  }

  /** Nothing more is taken on; what was asked for before is done. Then `last`, for as long as the database can be reached. */
  async close(last: ((session: Session) => Promise<void>) | undefined): Promise<void> {
    this.#closed = true;
    if (last) await this.turns.take(() => this.#database.transaction(last)).catch(() => {});
    await this.turns.over();
    await this.#database.close();
  }

  /** @throws `store-unusable` */
  refuseClosed(): void {
    if (this.#closed) throw new OrchError('store-unusable', 'The store has been closed; open a new one');
  }
}
