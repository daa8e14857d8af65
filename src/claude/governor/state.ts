import type { LimitName } from './limit-names.ts';

/**
 * Why calls wait:
 * - a limit: its bucket is empty
 * - `retry-after`: the API has asked to be left alone
 * - `overload`: the API is overloaded or out of reach, so that fewer calls are under way at once
 * - `first answer`: nothing is known of the limits yet
 */
export type WaitReason =
  | 'requests'
  | 'input tokens'
  | 'output tokens'
  | 'retry-after'
  | 'overload'
  | 'first answer';

/** How one model's limits are used at this moment. */
export interface ModelState {
  model: string;
  /** Those that are known. */
  limits: Partial<Record<LimitName, LimitState>>;
  /** Calls under way. */
  inFlight: number;
  /** Calls that wait for their turn. */
  waiting: number;
  /** Why the first of them waits; absent when none does. */
  waitsFor?: WaitReason;
  /** Until when it waits, in milliseconds since the epoch; absent where an answer decides that. */
  until?: number;
}

export interface LimitState {
  perMinute: number;
  /** What may be used now, in whole units; of a limit that runs share, this run's part. */
  left: number;
  /** What this run has used within the last minute, in whole units; what calls under way will take is estimated. */
  used: number;
}
