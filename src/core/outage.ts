import { type Clock, isoTime } from '../model/clock.ts';
import type { StopReason } from '../model/event.ts';
import type { Failure } from '../model/failure.ts';

/** The latest time that a Date can hold, in milliseconds since the epoch. */
const LATEST_TIME = 8.64e15;

/**
 * Tells a passing failure of one service (the executor's, the verifier's) from an outage: no good answer for
 * `outageMs`, reckoned from the first failure, or from the start of a call that stayed without an answer; or a wait longer than that
 * asked for by the service itself, as at a spend cap.
 */
export class Outage {
  readonly #outageMs: number;
  readonly #clock: Clock;
  #since: number | undefined;
  #answeredAt = Number.NEGATIVE_INFINITY;

  constructor(outageMs: number, clock: Clock) {
    this.#outageMs = outageMs;
    this.#clock = clock;
  }

  /** The service answered. */
  recovered(): void {
    this.#since = undefined;
    this.#answeredAt = this.#clock.now();
  }

  /** Whether the service answered any call within the last so many milliseconds. */
  answeredWithin(ms: number): boolean {
    return this.#answeredAt > this.#clock.now() - ms;
  }

  /** The service failed for now, or stayed silent. @returns why the run should end, once it should. */
  failed(failure: Failure): StopReason | undefined {
    const now = this.#clock.now();
    // What came of an answer before a deadline says neither that the service is well nor that it is out.
    if (failure.silentMs === 0) return undefined;
    const begun = Math.max(now - (failure.silentMs ?? 0), this.#answeredAt);
    this.#since = Math.min(this.#since ?? begun, begun);
    const retryAfterMs = failure.retryAfterMs ?? 0;
    if (retryAfterMs <= this.#outageMs && now - this.#since < this.#outageMs) return undefined;
    const reason: StopReason = { kind: 'unavailable', message: failure.message };
    if (failure.resumeAt !== undefined) reason.resumeAt = failure.resumeAt;
    else if (retryAfterMs > 0 && now + retryAfterMs <= LATEST_TIME)
      reason.resumeAt = isoTime(now + retryAfterMs);
    return reason;
  }
}
