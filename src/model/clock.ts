/** The time, as tests can set it. Milliseconds since the epoch. */
export interface Clock {
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };

/** The longest time that a timer of Node can wait, in milliseconds; a longer one would fire at once. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Much happens in the same millisecond, and writing a date is dear. Two: a lease has a beginning and an end. */
let latest = { ms: Number.NaN, text: '' };
let before = latest;

/** ISO 8601 in UTC, as all times in tasks and events are written. */
export function isoTime(ms: number): string {
  if (ms !== latest.ms) {
    const wanted = ms === before.ms ? before : { ms, text: new Date(ms).toISOString() };
    before = latest;
    latest = wanted;
  }
  return latest.text;
}
