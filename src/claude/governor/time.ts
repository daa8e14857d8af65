import { type Clock, LONGEST_TIMER_MS, systemClock } from '../../model/clock.ts';

/** What the governor takes from its surroundings to wait with; tests hand in their own. */
export interface Time extends Clock {
  /** Calls `action` once, after so many milliseconds. @returns what calls that off. */
  after(ms: number, action: () => void): () => void;
}

export const systemTime: Time = {
  now: systemClock.now,
  after: (ms, action) => {
    const timer = setTimeout(action, Math.min(ms, LONGEST_TIMER_MS));
    return () => clearTimeout(timer);
  },
};

/** Milliseconds that have passed since this was made. A clock that is set back stands still for it, and goes on from there. */
export function elapsed(clock: Clock): () => number {
  let total = 0;
  let last = clock.now();
  return () => {
    const now = clock.now();
    total += Math.max(0, now - last);
    last = now;
    return total;
  };
}
