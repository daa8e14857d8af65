import type { Row } from './database.ts';
import { Link } from './link.ts';
import type { PostgresLocation } from './location.ts';

/** Between two attempts to listen again, in milliseconds, half of it by chance. */
const PAUSE_MS = 1000;

/** How often it is seen to that the connection still carries anything, in milliseconds. */
const HEARTBEAT_MS = 30_000;

/** How long that may take, in milliseconds. */
const ANSWER_MS = 5000;

/** Listens by a connection of its own, which is made anew when it is lost. */
export class PgListener {
  readonly #location: PostgresLocation;
  readonly #channel: string;
  readonly #listener: (payload: string) => void;
  #link: Link | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(location: PostgresLocation, channel: string, listener: (payload: string) => void) {
    this.#location = location;
    this.#channel = channel;
    this.#listener = listener;
  }

  /** Resolves when it listens; where that cannot be now, it is tried again. */
  async start(): Promise<void> {
    try {
      const name = `${this.#location.applicationName}-listen`;
      const link = await Link.open(this.#location, name, (ended) => this.#lost(ended));
      this.#link = link;
      await link.listen(this.#channel, this.#listener);
      if (this.#isStopped) await link.close();
      else this.#beatSoon();
      // What was told before is not known.
      this.#listener('');
    } catch {
      this.#link?.destroy();
      this.#lost(this.#link);
      // While it cannot listen, whoever waits has to look.
      if (!this.#isStopped) this.#listener('');
    }
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    const link = this.#link;
    this.#link = undefined;
    await link?.close();
  }

  /** Asks something else by the same connection; undefined: it has none, or it does not carry anything any more. */
  async ask<R extends object = Row>(text: string, values: readonly unknown[]): Promise<R[] | undefined> {
    const link = this.#link;
    if (!link) return undefined;
    // Whoever waits for the answer is told when it ends.
    const late = setTimeout(() => link.destroy(), ANSWER_MS);
    late.unref();
    try {
      return await link.query<R>(text, values);
    } catch {
      link.destroy();
      this.#lost(link);
      return undefined;
    } finally {
      clearTimeout(late);
    }
  }

  /** What was heard meanwhile shows it, too. */
  #beatSoon(): void {
    const before = this.#link?.heard;
    this.#timer = setTimeout(async () => {
      if (this.#link?.heard !== before || (await this.ask('SELECT 1', []))) this.#beatSoon();
    }, HEARTBEAT_MS);
    this.#timer.unref();
  }

  #lost(link: Link | undefined): void {
    if (this.#isStopped || link !== this.#link) return;
    this.#link = undefined;
    clearTimeout(this.#timer);
    // Somebody waits for what it may hear: the process must not end meanwhile.
    this.#timer = setTimeout(() => void this.start(), PAUSE_MS * (0.5 + Math.random() / 2));
  }
}
