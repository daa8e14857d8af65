import type { Failure } from '../model/failure.ts';
import type { Usage } from '../model/usage.ts';
import type { Budget } from '../ports/budget.ts';
import type { Effort } from './models.ts';

/** One question. Sampling parameters, prefill and `thinking` have no place here: current models refuse them. */
export interface ClaudeRequest {
  model: string;
  /** Most tokens of the answer, thinking included. */
  maxTokens: number;
  system?: string;
  /** The user's message. */
  content: string;
  /** Left out for models that do not take it. */
  effort?: Effort;
  /** JSON schema that the answer's text must fit. */
  schema?: Record<string, unknown>;
}

export interface AskOptions {
  signal: AbortSignal;
  /** Ends the wait for a turn as `signal` does, but not a call that has been sent. */
  givingBack?: AbortSignal;
  /**
   * Milliseconds from when the call has its turn to the last byte of its answer; at most 2^31 - 1. The wait for the turn is no
   * part of it.
   */
  timeoutMs: number;
  /** What the call may cost is set aside there before it, and settled after it. */
  budget?: Budget | undefined;
}

export type Answer = Answered | NotAnswered;

interface Answered {
  ok: true;
  /** Never blank. */
  text: string;
  usage?: Usage;
  stopReason: string;
  /** The model that answered. */
  model: string;
}

export interface NotAnswered {
  ok: false;
  failure: Failure;
  /** What there was of the answer: it was cut short. */
  text?: string;
  /** Refused and cut answers are paid for as well. */
  usage?: Usage;
  stopReason?: string;
  model?: string;
  /** It was sent, and no answer came: it may have been billed. */
  isLost?: boolean;
}

export interface Claude {
  /**
   * Asks once, without retries, as soon as the governor lets it. Never rejects: whatever goes wrong is a `failure`, its
   * message redacted. Past its deadline it is `failed`; aborted by the caller `transient`, since nothing is wrong with either
   * side. An abort ends the wait for a turn as well.
   */
  ask(request: ClaudeRequest, options: AskOptions): Promise<Answer>;
}
