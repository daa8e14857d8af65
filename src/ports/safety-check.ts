/** What a limit has been used up of. */
export interface Gauge {
  /** What is counted: `failed tasks in a row`. */
  what: string;
  used: number;
  limit: number;
  /** Default: a plain number. */
  unit?: 'ms' | 'share' | 'usd';
}

/**
 * Says whether a run may go on. All calls are made by one run, in the order in which things happen.
 * One that has tripped stays tripped.
 */
export interface SafetyCheck {
  /** Asked before each attempt. */
  allowContinue(): boolean;
  /** An attempt begins: after `allowContinue` said yes, in the same turn, so that a limit holds at any concurrency. */
  recordAttempt?(): void;
  /** The attempt that was recorded for a task has not begun: there was no money for its first call. */
  takeBackAttempt?(): void;
  /** A task is completed. */
  recordSuccess(): void;
  /** A task ended failed. An attempt that will be retried is not a failure, nor is a task that somebody cancelled. */
  recordFailure(reason: string): void;
  /** Why it tripped; undefined while it has not. */
  readonly stopReason: string | undefined;
  /** It tripped over what the work comes to, so that the other runs on the store are to stop with this one. Default: over this run alone. */
  readonly isShared?: boolean;
  /** How far it is from tripping, for people to see; asked often. */
  readonly gauges?: readonly Gauge[];
  /** When it will trip by the clock alone, in milliseconds since the epoch. A waiting run wakes up for it. */
  readonly deadline?: number | undefined;
}
