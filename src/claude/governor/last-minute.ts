const MINUTE_MS = 60_000;

/** Between two samples. */
const APART_MS = 5_000;

/** By how much a sum has grown within about the last minute. */
export class LastMinute {
  readonly #samples: { at: number; sum: number }[] = [];

  /** To be called before the sum grows. */
  note(sum: number, now: number): void {
    const last = this.#samples.at(-1);
    if (!last || now - last.at >= APART_MS) this.#samples.push({ at: now, sum });
    while (this.#samples[0] && now - this.#samples[0].at > MINUTE_MS) this.#samples.shift();
  }

  growth(sum: number): number {
    return sum - (this.#samples[0]?.sum ?? 0);
  }
}
