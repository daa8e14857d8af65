import type { PostgresLocation } from './location.ts';
import { Patience } from './patience.ts';
import { unusable } from './unusable.ts';

/** Whether a database is lost, since when, and whether it is still tried; people are told once that it was lost, and once that it is there again. */
export class Outage {
  readonly #location: PostgresLocation;
  readonly #tell: (sentence: string) => void;
  readonly #patience = new Patience();
  #losing: number | undefined;
  #lostAt: number | undefined;

  constructor(location: PostgresLocation, tell: (sentence: string) => void) {
    this.#location = location;
    this.#tell = tell;
  }

  /** When it was lost last, before it was connected to again, as `lost` was told. */
  get lostAt(): number | undefined {
    return this.#lostAt;
  }

  /** Whether to try again. */
  get isWorthTrying(): boolean {
    return this.#patience.lasts;
  }

  /** Whether it may still be waited for where nothing was lost. */
  get hasTime(): boolean {
    return this.#patience.hasTime;
  }

  /** @throws `store-unusable` where another try would come to the same as the last one. */
  refuseHopeless(): void {
    if (this.#patience.known) throw unusable(this.#patience.known, this.#location);
  }

  /** @param now by the database's clock */
  lost(error: unknown, now: number): void {
    const isNews = !this.#patience.isLost;
    this.#patience.lost(error);
    if (!isNews) return;
    this.#losing = now;
    this.#tell(`${unusable(error, this.#location).message}; it is tried again`);
  }

  /** There is a connection again; nothing has been answered by it yet. */
  connected(): void {
    if (this.#patience.isLost) this.#lostAt = this.#losing;
  }

  answered(): void {
    if (!this.#patience.isLost) return;
    this.#patience.found();
    this.#tell(`The database ${this.#location.shown} is there again`);
  }

  /** It is not tried for longer than this, in milliseconds. */
  shorten(ms: number): void {
    this.#patience.shorten(ms);
  }
}
