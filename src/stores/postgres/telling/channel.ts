import type { Telling } from '../../../ports/task-store.ts';
import { Listeners } from '../../listeners.ts';
import type { Database, Session } from '../connection/database.ts';
import { channelOf } from '../tables/schema.ts';
import { AT_ONCE, howSoon, QUICK } from './how-soon.ts';
import { type Message, messageOf, payloadOf } from './message.ts';
import { Tellings } from './tellings.ts';
import { Wakes } from './wakes.ts';
import type { Wants } from './wants.ts';

/** By which stores in the same schema tell each other what has changed. */
export class Channel {
  readonly #database: Database;
  readonly #name: string;
  readonly #wants: Wants;
  readonly #onMissed: () => void;
  readonly #listeners = new Listeners();
  readonly #tellings = new Tellings();
  readonly #wakes = new Wakes(() => this.#listeners.tell());
  #listening: Promise<void> | undefined;

  /** @param onMissed something may have been missed, because the database was not to be reached; or its schema has changed. */
  constructor(database: Database, schema: string, wants: Wants, onMissed: () => void) {
    this.#database = database;
    this.#name = channelOf(schema);
    this.#wants = wants;
    this.#onMissed = onMissed;
  }

  /** Others hear of it when the transaction is committed. */
  async tell(session: Session, messages: readonly Message[]): Promise<void> {
    if (messages.length === 0) return;
    await session.query('SELECT pg_notify($1, payload) FROM unnest($2::text[]) AS payload', [
      this.#name,
      messages.map(payloadOf),
    ]);
  }

  /** Wakes those who listen here, as if they had been told. */
  wake(): void {
    this.#wakes.call(QUICK);
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
    const message = messageOf(payload);
    if (!message || message.word === 'control') this.#tellings.forget();
    if (!message || message.word === 'schema') this.#onMissed();
    const soon = message ? howSoon(message, this.#wants) : AT_ONCE;
    if (soon) this.#wakes.call(soon);
  }
}
