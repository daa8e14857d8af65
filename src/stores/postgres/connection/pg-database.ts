import { setTimeout as wait } from 'node:timers/promises';
import { whatItDoes } from './at-work.ts';
import type { Database, Row, Session } from './database.ts';
import { codeOf, type DatabaseFailure, failureOf } from './failures.ts';
import { Link } from './link.ts';
import type { PostgresLocation } from './location.ts';
import { commitText, type Mark, wasCommitted } from './marks.ts';
import { Outage } from './outage.ts';
import { PgListener } from './pg-listener.ts';
import { watchSilence } from './silence.ts';
import { notKept, unusable } from './unusable.ts';

/** Between two attempts, in milliseconds: at first, and at most. Half of it is chance, so that a fleet does not come back at once. */
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 2000;

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const UNDEFINED_TABLE = '42P01';
const READ_ONLY = '25006';

/**
 * What is wrong with the place where it was never right, and where it was is being changed: read_only_sql_transaction (its name leads to another
 * server soon), invalid_password, invalid_authorization_specification (the file of passwords follows). Same source.
 */
const PASSING = new Set([READ_ONLY, '28P01', '28000']);

const BEGIN = `BEGIN ISOLATION LEVEL READ COMMITTED; SELECT floor(extract(epoch FROM now()) * 1000)::float8 AS now`;

export interface PgDatabaseOptions {
  /** Told in a sentence that the database was lost, and that it is there again. */
  onOutage?: ((sentence: string) => void) | undefined;
}

type Outcome<T> = { committed: true; value: T } | { committed: false };

/** A database by one connection, and by another one to listen. A connection that is lost is made anew. */
export class PgDatabase implements Database {
  readonly #location: PostgresLocation;
  readonly #outage: Outage;
  #link: Link | undefined;
  #opening: Promise<Link> | undefined;
  #listener: PgListener | undefined;
  #aheadMs = 0;
  /** It has taken what was written. */
  #hasServed = false;

  private constructor(location: PostgresLocation, { onOutage }: PgDatabaseOptions) {
    this.#location = location;
    this.#outage = new Outage(location, (sentence) => onOutage?.(sentence));
  }

  /** Tries once: what was never reached may be written wrongly. @throws `store-unusable`; `usage` */
  static async connect(location: PostgresLocation, options: PgDatabaseOptions = {}): Promise<PgDatabase> {
    const database = new PgDatabase(location, options);
    try {
      await database.#connected();
    } catch (error) {
      throw unusable(error, location, { isFirst: true });
    }
    return database;
  }

  get lostAt(): number | undefined {
    return this.#outage.lostAt;
  }

  get aheadMs(): number {
    return this.#aheadMs;
  }

  async query<R extends object = Row>(text: string, values?: readonly unknown[]): Promise<R[]> {
    return this.#withLink((link) => link.query<R>(text, values));
  }

  async transaction<T>(work: (session: Session, now: number) => Promise<T>): Promise<T> {
    for (;;) {
      const outcome = await this.#withLink((link) => this.#inTransaction(link, work));
      if (outcome.committed) return outcome.value;
    }
  }

  /** What differs by no more than answers take is kept as it is, so that the same moment stays the same. */
  tick(now: number): void {
    const aheadMs = Date.now() - now;
    if (Math.abs(aheadMs - this.#aheadMs) > 1000) this.#aheadMs = aheadMs;
  }

  async listen(channel: string, listener: (payload: string) => void): Promise<void> {
    this.#listener = new PgListener(this.#location, channel, listener);
    await this.#listener.start();
  }

  hurry(ms: number): void {
    this.#outage.shorten(ms);
  }

  async close(): Promise<void> {
    const link = this.#link ?? (await this.#opening?.catch(() => undefined));
    this.#link = undefined;
    await Promise.all([this.#listener?.stop(), link?.close()]);
  }

  async #inTransaction<T>(
    link: Link,
    work: (session: Session, now: number) => Promise<T>,
  ): Promise<Outcome<T>> {
    let value: T;
    try {
      const [begun] = await link.query<{ now: number }>(BEGIN + link.renewal());
      const now = begun?.now ?? 0;
      this.tick(now);
      value = await work(link.repeating, now);
    } catch (error) {
      if (failureOf(error) !== 'lost') await link.query('ROLLBACK');
      if (failureOf(error) === 'collided') return { committed: false };
      throw error;
    }
    return this.#commit(link, value);
  }

  async #commit<T>(link: Link, value: T): Promise<Outcome<T>> {
    const { schema } = this.#location;
    const mark = link.nextMark();
    try {
      await link.query(commitText(schema, mark));
      this.#hasServed = true;
      return { committed: true, value };
    } catch (error) {
      if (failureOf(error) !== 'lost') {
        // It is what stands before the COMMIT that has failed: the transaction is still there.
        await link.query('ROLLBACK');
        if (failureOf(error) === 'collided') return { committed: false };
        throw error;
      }
      this.#lose(link, error);
      const committed = await this.#withLink((another) => this.#wasCommitted(another, mark));
      return committed ? { committed, value } : { committed };
    }
  }

  /** Where there are no marks yet, what would have made them was not committed. */
  async #wasCommitted(link: Link, mark: Mark): Promise<boolean> {
    try {
      return await wasCommitted(link, this.#location.schema, mark);
    } catch (error) {
      if (codeOf(error) === UNDEFINED_TABLE) return false;
      throw error;
    }
  }

  /** With a connection, and with another one where that is lost before an answer has come. */
  async #withLink<T>(use: (link: Link) => Promise<T>): Promise<T> {
    this.#outage.refuseHopeless();
    for (let pause = FIRST_WAIT_MS; ; pause = Math.min(2 * pause, LONGEST_WAIT_MS)) {
      let link: Link | undefined;
      try {
        link = await this.#connected();
        return await this.#watched(link, use);
      } catch (error) {
        const failure = this.#failureOf(error);
        if (link && failure === 'data') throw notKept(error);
        if (link && failure === 'none') throw error;
        if (failure === 'lost') this.#lose(link, error);
        else if (failure !== 'collided') throw unusable(error, this.#location);
        if (!this.#outage.isWorthTrying) throw unusable(error, this.#location);
        await wait(pause * (0.5 + Math.random() / 2));
      }
    }
  }

  async #watched<T>(link: Link, use: (link: Link) => Promise<T>): Promise<T> {
    const endWatch = watchSilence(
      link,
      (pid) => whatItDoes(pid, this.#listener, this.#location),
      () => this.#outage.hasTime,
    );
    try {
      const value = await use(link);
      this.#outage.answered();
      return value;
    } finally {
      endWatch();
    }
  }

  #failureOf(error: unknown): DatabaseFailure {
    return this.#hasServed && PASSING.has(codeOf(error) ?? '') ? 'lost' : failureOf(error);
  }

  async #connected(): Promise<Link> {
    if (this.#link) return this.#link;
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined;
    });
    this.#link = await this.#opening;
    this.#outage.connected();
    return this.#link;
  }

  async #open(): Promise<Link> {
    const name = this.#location.applicationName;
    const link = await Link.open(this.#location, name, (ended) => this.#forget(ended));
    if (this.#hasServed && (await isReadOnly(link))) {
      link.destroy();
      throw Object.assign(new Error('it takes no changes'), { code: READ_ONLY });
    }
    return link;
  }

  #forget(link: Link): void {
    if (this.#link === link) this.#link = undefined;
  }

  #lose(link: Link | undefined, error: unknown): void {
    if (link) {
      this.#forget(link);
      link.destroy();
    }
    this.#outage.lost(error, Date.now() - this.#aheadMs);
  }
}

async function isReadOnly(link: Link): Promise<boolean> {
  const [row] = await link.query<{ is: string }>("SELECT current_setting('transaction_read_only') AS is");
  return row?.is === 'on';
}
