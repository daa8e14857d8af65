import { setTimeout as wait } from 'node:timers/promises';
import type { Database, Row, Session } from './database.ts';
import { codeOf, failureOf } from './failures.ts';
import { Link } from './link.ts';
import type { PostgresLocation } from './location.ts';
import { commitText, type Mark, wasCommitted } from './marks.ts';
import { Patience } from './patience.ts';
import { PgListener } from './pg-listener.ts';
import { watchSilence } from './silence.ts';
import { notKept, unusable } from './unusable.ts';

/** Between two attempts, in milliseconds: at first, and at most. Half of it is chance, so that a fleet does not come back at once. */
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 2000;

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const UNDEFINED_TABLE = '42P01';
const TOO_MANY_CONNECTIONS = '53300';

const IS_AT_WORK = "SELECT state = 'active' AS is FROM pg_stat_activity WHERE pid = $1";

const BEGIN = `BEGIN ISOLATION LEVEL READ COMMITTED; SELECT floor(extract(epoch FROM now()) * 1000)::float8 AS now`;

export interface PgDatabaseOptions {
  /** Told in a sentence that the database was lost, and that it is there again. */
  onOutage?: ((sentence: string) => void) | undefined;
}

type Outcome<T> = { committed: true; value: T } | { committed: false };

/** A database by one connection, and by another one to listen. A connection that is lost is made anew. */
export class PgDatabase implements Database {
  readonly #location: PostgresLocation;
  readonly #options: PgDatabaseOptions;
  readonly #patience = new Patience();
  #link: Link | undefined;
  #opening: Promise<Link> | undefined;
  #listener: PgListener | undefined;
  #aheadMs = 0;
  #losing: number | undefined;
  #lostAt: number | undefined;

  private constructor(location: PostgresLocation, options: PgDatabaseOptions) {
    this.#location = location;
    this.#options = options;
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
    return this.#lostAt;
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

  async listen(channel: string, listener: (payload: string) => void): Promise<void> {
    this.#listener = new PgListener(this.#location, channel, listener);
    await this.#listener.start();
  }

  hurry(ms: number): void {
    this.#patience.shorten(ms);
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
      const [begun] = await link.query<{ now: number }>(BEGIN);
      const now = begun?.now ?? 0;
      this.#compare(now);
      value = await work(link, now);
    } catch (error) {
      if (failureOf(error) !== 'lost') await link.query('ROLLBACK');
      if (failureOf(error) === 'collided') return { committed: false };
      throw error;
    }
    return this.#commit(link, value);
  }

  /** What differs by no more than answers take is kept as it is, so that the same moment stays the same. */
  #compare(now: number): void {
    const aheadMs = Date.now() - now;
    if (Math.abs(aheadMs - this.#aheadMs) > 1000) this.#aheadMs = aheadMs;
  }

  async #commit<T>(link: Link, value: T): Promise<Outcome<T>> {
    const { schema } = this.#location;
    const mark = link.nextMark();
    try {
      await link.query(commitText(schema, mark));
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
    if (this.#patience.known) throw unusable(this.#patience.known, this.#location);
    for (let pause = FIRST_WAIT_MS; ; pause = Math.min(2 * pause, LONGEST_WAIT_MS)) {
      let link: Link | undefined;
      try {
        link = await this.#connected();
        return await this.#watched(link, use);
      } catch (error) {
        const failure = failureOf(error);
        if (link && failure === 'data') throw notKept(error);
        if (link && failure === 'none') throw error;
        if (failure === 'lost') this.#lose(link, error);
        else if (failure !== 'collided') throw unusable(error, this.#location);
        if (!this.#patience.lasts) throw unusable(error, this.#location);
        await wait(pause * (0.5 + Math.random() / 2));
      }
    }
  }

  async #watched<T>(link: Link, use: (link: Link) => Promise<T>): Promise<T> {
    const endWatch = watchSilence(link, (pid) => this.#isAtWork(pid));
    try {
      const value = await use(link);
      this.#found();
      return value;
    } finally {
      endWatch();
    }
  }

  async #connected(): Promise<Link> {
    if (this.#link) return this.#link;
    this.#opening ??= Link.open(this.#location, 'orch', (ended) => this.#forget(ended)).finally(() => {
      this.#opening = undefined;
    });
    this.#link = await this.#opening;
    if (this.#patience.isLost) this.#lostAt = this.#losing;
    return this.#link;
  }

  #forget(link: Link): void {
    if (this.#link === link) this.#link = undefined;
  }

  #lose(link: Link | undefined, error: unknown): void {
    if (link) {
      this.#forget(link);
      link.destroy();
    }
    const isNews = !this.#patience.isLost;
    this.#patience.lost(error);
    if (isNews) this.#losing = Date.now() - this.#aheadMs;
    if (isNews) this.#tell(`${unusable(error, this.#location).message}; it is tried again`);
  }

  #found(): void {
    if (!this.#patience.isLost) return;
    this.#patience.found();
    this.#tell(`The database ${this.#location.shown} is there again`);
  }

  #tell(sentence: string): void {
    this.#options.onOutage?.(sentence);
  }

  /** Asked by the connection that listens, so that there are no more than two; where that carries nothing, by a fresh one. */
  async #isAtWork(pid: number): Promise<boolean> {
    try {
      const [row] =
        (await this.#listener?.ask<{ is: boolean }>(IS_AT_WORK, [pid])) ?? (await this.#askAfresh(pid));
      return row?.is ?? false;
    } catch (error) {
      // A server that has no room for another connection is there.
      return codeOf(error) === TOO_MANY_CONNECTIONS;
    }
  }

  async #askAfresh(pid: number): Promise<{ is: boolean }[]> {
    const link = await Link.open(this.#location, 'orch', () => {});
    try {
      return await link.query<{ is: boolean }>(IS_AT_WORK, [pid]);
    } finally {
      link.destroy();
    }
  }
}
