import type { Time } from '../../src/claude/governor/time.ts';

interface Timer {
  dueAt: number;
  action: () => void;
}

/** Time that stands still until it is told to pass; it then jumps from one timer to the next. */
export class VirtualTime implements Time {
  #now = Date.UTC(2026, 0, 1);
  readonly #timers = new Set<Timer>();

  now = (): number => this.#now;

  after = (ms: number, action: () => void): (() => void) => {
    const timer = { dueAt: this.#now + Math.max(0, ms), action };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  };

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve));
  }

  /** How many timers wait. */
  get timers(): number {
    return this.#timers.size;
  }

  /** The clock alone is set to another time; timers wait as long as before. */
  set(by: number): void {
    this.#now += by;
    for (const timer of this.#timers) timer.dueAt += by;
  }

  /** Lets so many milliseconds pass. What follows from a timer happens before the next one. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settled();
    for (let next = this.#first(end); next; next = this.#first(end)) {
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.dueAt);
      next.action();
      await settled();
    }
    this.#now = end;
  }

  #first(end: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.dueAt <= end && timer.dueAt < (first?.dueAt ?? Number.POSITIVE_INFINITY)) first = timer;
    }
    return first;
  }
}

/** Everything that waits for promises alone has gone on. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 12; turn++) await undefined;
}
