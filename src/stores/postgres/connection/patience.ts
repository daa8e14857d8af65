/** How long a database that was lost is tried for, in milliseconds. A run waits so long with what it has in hand. */
export const PATIENCE_MS = 300_000;

/** Who has run out of patience is told at once, for so many milliseconds after the last try. */
const KNOWN_MS = 5000;

/** Says how long it is worth trying to reach a database again: from when it was lost, whoever asks for it meanwhile. */
export class Patience {
  readonly #now: () => number;
  #lostAt: number | undefined;
  #patienceMs = PATIENCE_MS;
  #shortenedAt = Number.NEGATIVE_INFINITY;
  #last: { error: unknown; at: number } | undefined;

  /** @param now milliseconds that only grow */
  constructor(now = () => performance.now()) {
    this.#now = now;
  }

  get isLost(): boolean {
    return this.#lostAt !== undefined;
  }

  /** Whether to try again. */
  get lasts(): boolean {
    const since = Math.max(this.#lostAt ?? this.#now(), this.#shortenedAt);
    return this.#now() < since + this.#patienceMs;
  }

  /** Whether the time is not over that it was shortened to. */
  get hasTime(): boolean {
    return !Number.isFinite(this.#shortenedAt) || this.#now() < this.#shortenedAt + this.#patienceMs;
  }

  /** Why the last try failed, where another one would come to the same. */
  get known(): unknown {
    const { error, at } = this.#last ?? {};
    return !this.lasts && at !== undefined && this.#now() - at < KNOWN_MS ? error : undefined;
  }

  lost(error: unknown): void {
    this.#lostAt ??= this.#now();
    this.#last = { error, at: this.#now() };
  }

  found(): void {
    this.#lostAt = undefined;
    this.#last = undefined;
  }

  /** No longer than this, in milliseconds: from now, or from when it will be lost. */
  shorten(ms: number): void {
    if (ms >= this.#patienceMs) return;
    this.#patienceMs = ms;
    this.#shortenedAt = this.#now();
  }
}
