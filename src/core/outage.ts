import { type Clock, isoTime } from '../model/clock.ts';
import type { StopReason } from '../model/event.ts';
import type { Failure } from '../model/failure.ts';

/** The latest time that a Date can hold, in milliseconds since the epoch. */
const LATEST_TIME = 8.64e15;

/**
 * Tells a passing failure of one service (the executor's, the verifier's) from an outage: no good answer for
 * `outageMs`, or a wait longer than that asked for by the service itself, as at a spend cap.
 */
export class Outage {
  readonly #outageMs: number;
  readonly #clock: Clock;
  #since: number | undefined;

  constructor(outageMs: number, clock: Clock) {
    this.#outageMs = outageMs;
    this.#clock = clock;
  }

  /** The service answered. */
  recovered(): void {
    this.#since = undefined;
  }

  /** The service failed for now. @returns why the run should end, once it should. */
  failed(failure: Failure): StopReason | undefined {
    const now = this.#clock.now();
    this.#since ??= now;
    const retryAfterMs = failure.retryAfterMs ?? 0;
    if (retryAfterMs <= this.#outageMs && now - this.#since < this.#outageMs) return undefined;
    const reason: StopReason = { kind: 'unavailable', message: failure.message };
    if (failure.resumeAt !== undefined) reason.resumeAt = failure.resumeAt;
    else if (retryAfterMs > 0 && now + retryAfterMs <= LATEST_TIME)
      reason.resumeAt = isoTime(now + retryAfterMs);
    return reason;
  }
}
