import type { ModelState } from '../../claude/governor/state.ts';
import { isoTime } from '../../model/clock.ts';
import { limitFields, limitKey } from './limits.ts';

/** Shortest time between two lines on one model, in milliseconds. */
const APART_MS = 1_000;

/** Not worth a line at the start: no limit is known, and nobody waits. */
const NOTHING = limitKey({ limits: {}, waiting: 0 });

export interface LimitEventsOptions {
  print(event: object): void;
  /** Milliseconds since the epoch. */
  now(): number;
}

/** `api:limit`: an event each time that a model's limits, or the reason why its calls wait, are others; at most one a second. */
export class LimitEvents {
  readonly #options: LimitEventsOptions;
  readonly #told = new Map<string, string>();
  #lastAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: LimitEventsOptions) {
    this.#options = options;
  }

  /** What is told late is told as it is then. */
  onLimits(states: () => ModelState[], run: string): void {
    const early = this.#lastAt + APART_MS - this.#options.now();
    if (early <= 0) this.#tell(states(), run);
    else this.#timer ??= setTimeout(() => this.#tell(states(), run), early).unref();
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #tell(states: ModelState[], run: string): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const now = this.#options.now();
    for (const state of states) {
      const key = limitKey(state);
      if ((this.#told.get(state.model) ?? NOTHING) === key) continue;
      this.#told.set(state.model, key);
      this.#lastAt = now;
      this.#options.print({ event: 'api:limit', at: isoTime(now), run, ...limitFields(state) });
    }
  }
}
