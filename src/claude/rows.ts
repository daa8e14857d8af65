import { isoTime } from '../model/clock.ts';
import type { Failure } from '../model/failure.ts';
import { retryAfterMs } from './retry-after.ts';
import type { ThrownFacts } from './thrown.ts';

/** What follows from an error: a row of the classification. `now` is in milliseconds since the epoch. */
export type Row = (facts: ThrownFacts, now: number) => Failure;

export const fatal =
  (what: string): Row =>
  ({ text }) => ({ kind: 'fatal', message: `${what}: ${text}` });

export const permanent =
  (what: string): Row =>
  ({ text }) => ({ kind: 'permanent', message: `${what}: ${text}` });

export const transient =
  (what: string): Row =>
  ({ text, headers }, now) => {
    const wait = retryAfterMs(headers, now);
    const failure: Failure = { kind: 'transient', message: `${what}: ${text}` };
    return wait === undefined ? failure : { ...failure, ...until(now, wait) };
  };

/** Money, not load: no retry succeeds until somebody pays, raises the limit, or the time is over. */
export const unpaid =
  (what: string, untilMs: (now: number, text: string) => number = () => Number.POSITIVE_INFINITY): Row =>
  ({ text }, now) => ({
    kind: 'transient',
    message: `${what}: ${text}`,
    ...until(now, untilMs(now, text)),
  });

/** The moment is reckoned here, where the waiting time is: what is added to a later time is later. */
function until(now: number, waitMs: number): Pick<Failure, 'retryAfterMs' | 'resumeAt'> {
  return Number.isFinite(waitMs)
    ? { retryAfterMs: waitMs, resumeAt: isoTime(now + waitMs) }
    : { retryAfterMs: waitMs };
}
