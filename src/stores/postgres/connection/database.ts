/** A row as the database gives it, by the names of its columns. */
export type Row = Record<string, unknown>;

/** Where statements are sent to. */
export interface Session {
  query<R extends object = Row>(text: string, values?: readonly unknown[]): Promise<R[]>;
}

/**
 * One database, as the store uses it: one transaction at a time. All times are those of its clock. Everything rejects with an `OrchError`
 * `store-unusable` when the database cannot be reached and is not to be had again.
 */
export interface Database extends Session {
  /** When it was lost last, before it was reached again: milliseconds since the epoch, by its clock. */
  readonly lostAt: number | undefined;

  /** By how much this machine's clock is ahead of that of the database, in milliseconds. It does not tell of less than a second. */
  readonly aheadMs: number;

  /** To be told the time, by the database's clock, that a statement outside of a transaction has just given. */
  tick(now: number): void;

  /**
   * Does the work in a transaction, again from the start where it collided with another one or its connection broke before it was committed.
   * So the work may be done several times; it is kept once, and what it gave then is given.
   * @param work `now` is the time of the transaction, in milliseconds since the epoch
   */
  transaction<T>(work: (session: Session, now: number) => Promise<T>): Promise<T>;

  /** Calls the listener with what is told on the channel, and with '' where something may have been missed. */
  listen(channel: string, listener: (payload: string) => void): Promise<void>;

  /** From now on who waits for a database that was lost waits no longer than this, in milliseconds. */
  hurry(ms: number): void;

  close(): Promise<void>;
}
