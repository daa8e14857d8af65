import type { EventMap } from '../model/event.ts';
import type { Pool } from '../model/pool.ts';
import type { RunControl } from './control.ts';
import type { Runtime } from './runtime.ts';

/** Longest that anything waits for money before it asks again, in milliseconds: a run that stands still rings no bell. */
export const LOOK_MS = 10_000;

type MoneyEvent = 'budget:wait' | 'budget:resume';

export interface MoneyWaitsParts {
  control: RunControl;
  runtime: Runtime;
  emit<N extends MoneyEvent>(name: N, payload: EventMap[N]): void;
}

interface MoneyWait {
  /** @returns whether to ask again; `false`: the call is not to be made any more. */
  until(ring: Promise<void>, pool: Pool): Promise<boolean>;
  end(): void;
}

/** Calls that wait for money which others have set aside, and tasks that wait for a cap to be gone. That any do, and that none does any more, is told. */
export class MoneyWaits {
  readonly #parts: MoneyWaitsParts;
  #waiting = 0;
  #tasksWait = false;

  constructor(parts: MoneyWaitsParts) {
    this.#parts = parts;
  }

  /** The wait of one call, if it comes to that. @param signal ends it, as does that the run gives back what has not begun. */
  one(signal: AbortSignal): MoneyWait {
    const { control, runtime, emit } = this.#parts;
    let waits = false;
    return {
      until: async (ring, pool) => {
        if (!waits && this.#waiting++ === 0) emit('budget:wait', { pool });
        waits = true;
        const ends = [signal, control.givingBack];
        const woken = new AbortController();
        await Promise.race([ring, runtime.sleep(LOOK_MS, AbortSignal.any([...ends, woken.signal]))]);
        woken.abort();
        return !ends.some(({ aborted }) => aborted);
      },
      end: () => {
        if (waits) this.#end();
      },
    };
  }

  /** @param reason why tasks that were given back wait; undefined: none does. */
  tasks(reason: string | undefined, pool: Pool): void {
    const wait = reason !== undefined;
    if (wait === this.#tasksWait) return;
    this.#tasksWait = wait;
    if (!wait) {
      this.#end();
      return;
    }
    this.#waiting++;
    // It may last, and is to be known though calls wait too.
    this.#parts.emit('budget:wait', { pool, reason });
  }

  #end(): void {
    if (--this.#waiting === 0) this.#parts.emit('budget:resume', {});
  }
}
