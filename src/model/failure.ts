/**
 * Why an execution or a verification gave nothing, by what follows from it:
 * - `failed`: this attempt; it counts, and the task may be tried again (exit status 3, refusal, past its deadline)
 * - `transient`: the service, for now (limit, outage, network); wait and try again, not counted
 * - `permanent`: this task can never succeed as it is
 * - `fatal`: no task can (bad key, unknown model); the run stops before more is spent
 */
export type FailureKind = 'failed' | 'transient' | 'permanent' | 'fatal';

export interface Failure {
  kind: FailureKind;
  /** One sentence for a person. Never holds a credential. */
  message: string;
  /**
   * Transient only: milliseconds until the service asks to be tried again. `Infinity`: it will not serve us,
   * and does not say until when.
   */
  retryAfterMs?: number;
  /** The same as a moment, ISO 8601 in UTC: exact, however late somebody asks. */
  resumeAt?: string;
  /**
   * Past a deadline only, which is no sign that the service answers: milliseconds for which nothing of an answer had come; 0:
   * some of it had.
   */
  silentMs?: number;
}
