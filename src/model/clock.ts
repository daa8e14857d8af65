/** The time, as tests can set it. Milliseconds since the epoch. */
export interface Clock {
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };

/** ISO 8601 in UTC, as all times in tasks and events are written. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
