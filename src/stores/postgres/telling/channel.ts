import type { Telling } from '../../../ports/task-store.ts';
import { Listeners } from '../../listeners.ts';
import type { Database, Session } from '../connection/database.ts';
import { Tellings } from './tellings.ts';
import type { Told } from './told.ts';
import { Wakes } from './wakes.ts';

/** By which stores in the same schema tell each other what has changed. */
export class Channel {
  readonly #database: Database;
  readonly #name: string;
  readonly #onMissed: () => void;
  readonly #listeners = new Listeners();
  readonly #tellings = new Tellings();
  readonly #wakes = new Wakes(() => this.#listeners.tell());
  #listening: Promise<void> | undefined;

  /** @param onMissed something may have been missed, because the database was not to be reached. */
  constructor(database: Database, schema: string, onMissed: () => void) {
    this.#database = database;
    this.#name = `orch_${schema}`;
    this.#onMissed = onMissed;
  }

  /** Others hear of it when the transaction is committed. */
  async tell(session: Session, told: Iterable<Told>): Promise<void> {
    for (const each of told) await session.query('SELECT pg_notify($1, $2)', [this.#name, each]);
  }

  /** Listens from the first listener on. @returns ends it. */
  listen(listener: () => void): () => void {
    this.#listening ??= this.#database
      .listen(this.#name, (payload) => this.#hear(payload))
      .then(() => this.#tellings.listening())
      // The store says so by itself, as soon as it is asked for anything.
      .catch(() => {});
    return this.#listeners.add(listener);
  }

  /** What a run was told last. @param ask looks it up where it is not known. */
  lastTold(runId: string, ask: () => Promise<Telling | undefined>): Promise<Telling | undefined> {
    return this.#tellings.of(runId, ask);
  }

  close(): void {
    this.#listeners.clear();
    this.#wakes.clear();
  }

  /** @param payload what was told; '' where something may have been missed. */
  #hear(payload: string): void {
    if (payload === '' || payload === ('control' satisfies Told)) this.#tellings.forget();
    if (payload === '') this.#onMissed();
    this.#wakes.hear(payload);
  }
}
