import type { Failure } from '../../model/failure.ts';
import type { Usage } from '../../model/usage.ts';

/** The right to send one call. What becomes of the call is told to it, so that the next ones are sent in time. */
export interface Turn {
  /** It is being sent at this moment. Until then there may be much to load, or a token to obtain. */
  sent(): void;
  /** Status and headers of the answer are there, its body perhaps not yet. */
  answered(status: number, headers: Headers): void;
  /** The call is over, well or not. Only the first time counts. */
  end(outcome: CallOutcome): void;
}

export interface CallOutcome {
  usage?: Usage;
  /** Where it failed: what was thrown, or what the answer was instead of a message. */
  error?: unknown;
}

/** What comes of waiting for a turn: one, or why there is none to be had now. */
export type Admission = { turn: Turn } | { failure: Failure };
