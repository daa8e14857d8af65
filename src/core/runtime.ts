import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type Clock, LONGEST_TIMER_MS, systemClock } from '../model/clock.ts';

/** What a run takes from its surroundings; tests hand in their own. */
export interface Runtime {
  clock: Clock;
  /** Resolves after so many milliseconds, or as soon as the signal aborts. Never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** 0 to 1, as Math.random. */
  random(): number;
  newRunId(): string;
}

export const systemRuntime: Runtime = {
  clock: systemClock,
  sleep: async (ms, signal) => {
    if (signal.aborted) return;
    await delay(Math.min(Math.max(ms, 0), LONGEST_TIMER_MS), undefined, { signal }).catch(() => undefined);
  },
  random: Math.random,
  newRunId: () => `run-${randomUUID().slice(0, 8)}`,
};
