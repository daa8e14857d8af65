import type { Runtime } from '../../src/core/runtime.ts';

interface Sleeper {
  dueAt: number;
  ms: number;
  wake(): void;
}

let runs = 0;

/** A runtime whose time stands still until the test moves it. */
export class ManualRuntime implements Runtime {
  /** How long each sleeper asked to sleep, in order. */
  readonly slept: number[] = [];
  readonly #sleepers = new Set<Sleeper>();
  readonly #watchers: Array<{ wanted: (ms: number) => boolean; tell: (ms: number) => void }> = [];
  #now: number;
  /** What the dice show. */
  dice = 0.5;

  constructor(start = Date.UTC(2026, 0, 1)) {
    this.#now = start;
  }

  readonly clock = { now: (): number => this.#now };
  random = (): number => this.dice;
  newRunId = (): string => `run-${++runs}`;

  sleep = (ms: number, signal: AbortSignal): Promise<void> => {
    if (signal.aborted) return Promise.resolve();
    this.slept.push(ms);
    return new Promise((resolve) => {
      const sleeper: Sleeper = {
        dueAt: this.#now + ms,
        ms,
        wake: () => {
          this.#sleepers.delete(sleeper);
          signal.removeEventListener('abort', sleeper.wake);
          resolve();
        },
      };
      this.#sleepers.add(sleeper);
      signal.addEventListener('abort', sleeper.wake);
      for (const watcher of this.#watchers.splice(0)) {
        if (watcher.wanted(ms)) watcher.tell(ms);
        else this.#watchers.push(watcher);
      }
    });
  };

  /** Milliseconds asked for by those who sleep now. */
  get sleeping(): number[] {
    return [...this.#sleepers].map(({ ms }) => ms);
  }

  /** Resolves when somebody sleeps for such a time, or does so already. */
  untilSleeping(wanted: (ms: number) => boolean): Promise<number> {
    const found = this.sleeping.find(wanted);
    if (found !== undefined) return Promise.resolve(found);
    return new Promise((tell) => this.#watchers.push({ wanted, tell }));
  }

  /** Moves the time on and wakes whoever is due, earliest first. */
  advance(ms: number): void {
    this.#now += ms;
    const due = [...this.#sleepers].filter(({ dueAt }) => dueAt <= this.#now);
    for (const sleeper of due.sort((a, b) => a.dueAt - b.dueAt)) sleeper.wake();
  }
}

/** Lets everything that can go on without time or an answer go on: a few turns of the event loop. */
export async function turns(count = 20): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}
